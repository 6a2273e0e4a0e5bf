// Select tiles of the library's wall by dragging from one check box over others, and by a long press, which also plays the
// preview (hover-preview.js).
import { find, findAll, on } from "./dom.js";
import { update } from "./row-selection.js";

const LONG_PRESS_MS = 450;
const MOVED_PIXELS = 10;
const findBox = (tile) => find(".tile-check input", tile);
let drag = null; // { tiles, from, isChecked, hasMoved } while the mouse button is down
let press = null; // { tile, x, y, timer, isLong } while a finger is down

function setChecked(tile, isChecked) {
  findBox(tile).checked = isChecked;
  update(tile.closest("[data-select]"));
}

on("pointerdown", "[data-wall] .tile-check", (event, label) => {
  if (event.pointerType !== "mouse" || event.shiftKey) return;
  const tile = label.closest(".tile");
  const tiles = findAll(".tile", tile.closest("[data-wall]"));
  drag = { tiles, from: tiles.indexOf(tile), isChecked: !findBox(tile).checked, hasMoved: false };
});
document.addEventListener("pointermove", (event) => {
  if (!drag || event.buttons !== 1) return;
  const to = drag.tiles.indexOf(event.target.closest?.(".tile"));
  if (to < 0 || (to === drag.from && !drag.hasMoved)) return;
  drag.hasMoved = true;
  const [first, last] = [drag.from, to].sort((a, b) => a - b);
  drag.tiles.slice(first, last + 1).forEach((tile) => setChecked(tile, drag.isChecked));
});
document.addEventListener("pointerup", () => (drag = null));

on("pointerdown", "[data-wall] .tile > .frame", (event, frame) => {
  if (event.pointerType === "mouse") return;
  press = { tile: frame.closest(".tile"), x: event.clientX, y: event.clientY, isLong: false };
  press.timer = setTimeout(() => {
    press.isLong = true;
    setChecked(press.tile, !findBox(press.tile).checked);
  }, LONG_PRESS_MS);
});
document.addEventListener("pointermove", (event) => {
  if (press && !press.isLong && Math.hypot(event.clientX - press.x, event.clientY - press.y) > MOVED_PIXELS) endPress();
});
function endPress() {
  if (!press) return;
  clearTimeout(press.timer);
  if (press.isLong) document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 50);
  press = null;
}
function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}
document.addEventListener("pointerup", endPress);
document.addEventListener("pointercancel", endPress);
document.addEventListener("contextmenu", (event) => press && event.preventDefault()); // the browser's own long press
