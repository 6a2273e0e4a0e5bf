// Repeat a part (A–B): the first press marks its beginning, the second its end, the third ends it.
import { initialize } from "./dom.js";

const LEAST_SECONDS = 0.1;

initialize("cel-player", (player) => {
  const { video } = player;
  const range = player.querySelector(".part");
  let start = null;
  let end = null;

  function show() {
    const pressed = start === null ? "false" : end === null ? "mixed" : "true";
    player.querySelector(".buttons [data-act=part]")?.setAttribute("aria-pressed", pressed);
    range.hidden = start === null;
    if (start === null) return;
    range.style.setProperty("--from", `${(100 * start) / player.length}%`);
    range.style.setProperty("--to", `${(100 * (end ?? start)) / player.length}%`);
  }

  player.actions.part = () => {
    if (!player.length) return;
    const { currentTime } = video;
    if (start === null) start = currentTime;
    else if (end === null && Math.abs(currentTime - start) >= LEAST_SECONDS) [start, end] = [start, currentTime].sort((a, b) => a - b);
    else start = end = null;
    show();
  };

  const repeat = () => {
    if (end !== null && !video.paused && (video.currentTime >= end || video.currentTime < start - LEAST_SECONDS)) player.seek(start);
  };
  video.addEventListener("timeupdate", repeat);
  video.addEventListener("ended", () => {
    if (end === null) return;
    player.seek(start);
    video.play().catch(() => {});
  });
});
