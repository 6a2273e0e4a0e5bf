// Play a muted preview in its frame: under the mouse after 180 ms, on keyboard focus, and on a long press by touch.
// Still pictures with reduced motion or Save-Data.
import { findAll, on, prefersReducedMotion } from "./dom.js";

const DELAY_MS = { mouse: 180, touch: 400, focus: 180 };
let timer = 0;

function play(frame) {
  if (frame.querySelector("video.preview")) return;
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, src: frame.dataset.preview, className: "preview" });
  video.setAttribute("aria-hidden", "true");
  video.addEventListener("playing", () => video.classList.add("on"), { once: true });
  frame.append(video);
  video.play().catch(() => video.remove());
}

function stopAll() {
  clearTimeout(timer);
  findAll("[data-preview] > video.preview").forEach((video) => video.remove());
}

function playSoon(frame, delay) {
  if (prefersReducedMotion() || navigator.connection?.saveData) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    stopAll(); // one at a time
    play(frame);
  }, delay);
}

on("pointerover", "[data-preview]", (event, frame) => {
  if (event.pointerType === "mouse" && !frame.querySelector("video.preview")) playSoon(frame, DELAY_MS.mouse);
});
on("pointerout", "[data-preview]", (event, frame) => {
  if (event.pointerType === "mouse" && !frame.contains(event.relatedTarget)) stopAll();
});
on("focusin", "[data-preview]", (event, frame) => frame.matches(":focus-visible") && playSoon(frame, DELAY_MS.focus));
on("focusout", "[data-preview]", stopAll);

// a long press plays until the next touch; scrolling, which cancels the pointer, is not a press
let isPressed = false;
document.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "touch") return;
  stopAll();
  const frame = event.target.closest?.("[data-preview]");
  isPressed = Boolean(frame);
  if (frame) playSoon(frame, DELAY_MS.touch);
});
for (const type of ["pointerup", "pointercancel"]) {
  document.addEventListener(type, (event) => {
    if (event.pointerType !== "touch") return;
    clearTimeout(timer);
    setTimeout(() => (isPressed = false)); // after the click
  });
}
const isPlaying = (frame) => isPressed && frame.querySelector("video.preview");
on("contextmenu", "[data-preview]", (event, frame) => isPressed && frame.dataset.preview && event.preventDefault());
on("click", "[data-preview]", (event, frame) => isPlaying(frame) && event.preventDefault(), true); // not a tap
