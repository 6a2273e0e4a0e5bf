// Play a muted preview under the mouse after 180 ms, but not with touch, Save-Data or reduced motion.
import { on, prefersReducedMotion } from "./dom.js";

const DELAY_MS = 180;
let timer = 0;

function play(frame) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, src: frame.dataset.preview, className: "preview" });
  video.setAttribute("aria-hidden", "true");
  video.addEventListener("playing", () => video.classList.add("on"), { once: true });
  frame.append(video);
  video.play().catch(() => video.remove());
}

const isAllowed = matchMedia("(hover: hover)").matches && !navigator.connection?.saveData;

if (isAllowed) {
  on("pointerover", "[data-preview]", (event, frame) => {
    if (event.pointerType !== "mouse" || prefersReducedMotion() || frame.querySelector("video.preview")) return;
    clearTimeout(timer);
    timer = setTimeout(play, DELAY_MS, frame);
  });
  on("pointerout", "[data-preview]", (event, frame) => {
    if (frame.contains(event.relatedTarget)) return;
    clearTimeout(timer);
    frame.querySelector("video.preview")?.remove();
  });
}
