// Chapters of a film: marks on the seek bar, and PageUp and PageDown.
import { findAll, initialize } from "./dom.js";

const NEAR_SECONDS = 1.5; // "earlier" goes to the beginning of the chapter unless that is this near

initialize("cel-player", (player) => {
  const { video } = player;
  const marks = findAll("[data-start]", player);
  if (!marks.length) return;
  const startOf = (mark) => Number(mark.dataset.start) / player.fps;
  const seekTo = (mark) => mark && player.seek(startOf(mark) + 0.5 / player.fps);

  player.findChapter = (seconds) => marks.findLast((mark) => startOf(mark) <= seconds + 0.001);
  player.actions.later = () => seekTo(marks.find((mark) => startOf(mark) > video.currentTime));
  player.actions.earlier = () => seekTo(player.findChapter(Math.max(0, video.currentTime - NEAR_SECONDS)));

  const place = () => {
    for (const mark of marks) mark.style.setProperty("--at", `${(100 * startOf(mark)) / player.length}%`);
  };
  if (player.length) place();
  else video.addEventListener("loadedmetadata", place, { once: true });
});
