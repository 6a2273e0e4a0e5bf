// Comments on a frame: a button takes the frame that the player shows; the time of a comment seeks there.
import { find, initialize, on } from "./dom.js";

const player = () => find("cel-player");
const frameOf = ({ video, fps }) => Math.floor(video.currentTime * fps + 0.01);

function seekTo(seconds) {
  const current = player();
  if (!current?.video) return false;
  current.video.pause();
  current.seek(seconds + 0.5 / current.fps);
  current.scrollIntoView({ block: "nearest" });
  return true;
}

on("click", "a[data-frame]", (event, link) => {
  const fps = player()?.fps;
  if (!fps || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (seekTo(Number(link.dataset.frame) / fps)) event.preventDefault();
});

initialize("[data-take-frame]", (button) => {
  const field = button.form.elements.frame;
  const shown = find("[data-taken]", button);
  if (!player()) button.hidden = true;
  const show = () => {
    button.ariaPressed = String(field.value !== "");
    shown.textContent = field.value === "" ? "" : player()?.timecode(Number(field.value) / player().fps) ?? "";
  };
  button.addEventListener("click", () => {
    const current = player();
    field.value = field.value === "" && current?.video ? frameOf(current) : "";
    show();
  });
  show();
});

const [, time] = location.hash.match(/^#t=(\d{1,6}(?:\.\d{1,3})?)$/) ?? [];
if (time) seekTo(Number(time));
