// Show time, chapter and a small picture above the seek bar while the pointer is on it, or while the bar is moved.
// The strip of pictures is loaded when the pointer first moves over the player: its link expires within minutes. The
// pointer may have entered before this script ran.
import { initialize } from "./dom.js";

const HIDE_MS = 900;

initialize("cel-player", (player) => {
  const [scrub, preview] = [".scrub", ".seek-preview"].map((selector) => player.querySelector(selector));
  const [tile, time, chapter] = [".seek-tile", "[data-seek-time]", "[data-seek-chapter]"].map((selector) =>
    preview.querySelector(selector),
  );
  const { sprite } = player.dataset;
  const tiles = Number(player.dataset.tiles) || 0;
  const strip = new Image();
  let timer = 0;
  let shown = 0;

  strip.addEventListener("load", () => {
    tile.style.inlineSize = `${strip.naturalWidth / tiles}px`;
    tile.style.blockSize = `${strip.naturalHeight}px`;
    tile.style.backgroundImage = `url("${sprite}")`;
    tile.hidden = false;
    if (!preview.hidden) show(shown);
  });

  function show(share) {
    if (!player.length) return;
    shown = share;
    const seconds = share * player.length;
    const number = Math.min(tiles - 1, Math.floor(share * tiles));
    if (tiles) tile.style.backgroundPositionX = `${(-number * strip.naturalWidth) / tiles}px`;
    time.textContent = player.timecode(seconds);
    chapter.textContent = player.findChapter?.(seconds)?.dataset.title ?? "";
    preview.hidden = false;
    const room = scrub.clientWidth;
    const half = Math.min(preview.offsetWidth, room) / 2;
    preview.style.insetInlineStart = `${Math.max(half, Math.min(room - half, share * room))}px`;
    clearTimeout(timer);
  }

  const load = () => sprite && tiles && !strip.src && (strip.src = sprite);
  for (const type of ["pointermove", "pointerdown", "focusin"]) player.addEventListener(type, load);
  const hide = () => (preview.hidden = true);
  scrub.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = scrub.getBoundingClientRect();
    show(Math.max(0, Math.min(1, (clientX - left) / width)));
  });
  scrub.addEventListener("pointerleave", hide);
  player.range.addEventListener("input", () => {
    show(player.range.value / player.range.max);
    timer = setTimeout(hide, HIDE_MS);
  });
});
