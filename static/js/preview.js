// A film under the mouse: after 180 ms, muted; never by touch, with Save-Data or with reduced motion.
import { on, prefersStill } from "./dom.js";

const DWELL = 180;
let waiting = 0;

function play(frame) {
  const film = document.createElement("video");
  Object.assign(film, { muted: true, loop: true, playsInline: true, src: frame.dataset.hover, className: "preview" });
  film.setAttribute("aria-hidden", "true");
  film.addEventListener("playing", () => film.classList.add("on"), { once: true });
  frame.append(film);
  film.play().catch(() => film.remove());
}

const isAllowed = matchMedia("(hover: hover)").matches && !navigator.connection?.saveData;

if (isAllowed) {
  on("pointerover", "[data-hover]", (event, frame) => {
    if (event.pointerType !== "mouse" || prefersStill() || frame.querySelector("video.preview")) return;
    clearTimeout(waiting);
    waiting = setTimeout(play, DWELL, frame);
  });
  on("pointerout", "[data-hover]", (event, frame) => {
    if (frame.contains(event.relatedTarget)) return;
    clearTimeout(waiting);
    frame.querySelector("video.preview")?.remove();
  });
}
