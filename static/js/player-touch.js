// Double tap on the left or right third: 5 seconds back or forward. A single tap there plays or pauses a moment later.
import { initialize } from "./dom.js";

const DOUBLE_TAP_MS = 280;
const SECONDS = 5;
const FLASH_MS = 500;

initialize("cel-player", (player) => {
  const { video } = player;
  const flash = player.querySelector(".seek-flash");
  let isTouch = false;
  let timer = 0;
  let lastSide = 0;
  let sum = 0;

  function jump(side) {
    sum += side * SECONDS;
    player.seek(video.currentTime + side * SECONDS);
    flash.textContent = `${sum > 0 ? "+" : "−"}${Math.abs(sum)} s`;
    flash.classList.toggle("is-left", side < 0);
    flash.hidden = false;
    setTimeout(() => (flash.hidden = true), FLASH_MS);
  }

  video.addEventListener("pointerdown", ({ pointerType }) => (isTouch = pointerType === "touch"));
  video.addEventListener(
    "click",
    (event) => {
      const { left, width } = video.getBoundingClientRect();
      const share = (event.clientX - left) / width;
      const side = share < 1 / 3 ? -1 : share > 2 / 3 ? 1 : 0;
      if (!isTouch || !side) return;
      event.stopPropagation(); // of the player, which would play or pause at once
      const isRepeated = timer && side === lastSide;
      clearTimeout(timer);
      lastSide = side;
      if (isRepeated) jump(side);
      const wasRepeated = isRepeated;
      timer = setTimeout(() => {
        timer = sum = 0;
        if (!wasRepeated) player.runAction("play");
      }, DOUBLE_TAP_MS);
    },
    { capture: true },
  );
});
