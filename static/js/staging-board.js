// Direct a panel by hand: drag, resize, turn and remove its figures and things on the drawing. The fields beside it hold
// the values, and the server draws them.
import { find, findAll } from "./dom.js";

const INSET = [0.03, 0.05, 0.97, 0.8]; // of the picture on the sheet: left, top, right, bottom
const STEP = 2; // per cent that a key moves
const PAUSE = 400; // ms after the last key before the panel is drawn again
const KEYS = { ArrowLeft: ["x", -STEP], ArrowRight: ["x", STEP], ArrowUp: ["y", -STEP], ArrowDown: ["y", STEP] };
const SIZES = { "+": 1.08, "=": 1.08, "-": 1 / 1.08 };

let timer;

const field = (prefix, name) => find(`[name="${prefix}-${name}"]`);
const read = (prefix, name) => Number(field(prefix, name).value) / 100;

function write(prefix, name, value) {
  const input = field(prefix, name);
  const per = Math.min(Number(input.max), Math.max(Number(input.min), value * 100));
  input.value = per.toFixed(1);
}

/** Returns the scale and the origin of the drawing on its sheet, in parts of the sheet. */
function measure(sheet) {
  const [x0, y0, x1, y1] = sheet.dataset.window.split(" ").map(Number);
  const [left, top, right, bottom] = INSET;
  const kx = (right - left) / (x1 - x0);
  const ky = (bottom - top) / (y1 - y0);
  return { kx, ky, x: left - x0 * kx, y: top - y0 * ky };
}

function place(handle, sheet) {
  const { prefix } = handle.dataset;
  const { kx, ky, x, y } = measure(sheet);
  const height = read(prefix, "height") * ky;
  handle.style.left = `${(x + read(prefix, "x") * kx) * 100}%`;
  handle.style.top = `${(y + read(prefix, "y") * ky) * 100}%`;
  handle.style.height = `${height * 100}%`;
}

const draw = (prefix) => field(prefix, "x").dispatchEvent(new Event("change", { bubbles: true }));

function drawSoon(prefix) {
  clearTimeout(timer);
  timer = setTimeout(draw, PAUSE, prefix);
}

function turn(prefix) {
  const facing = field(prefix, "facing");
  if (facing) facing.selectedIndex = (facing.selectedIndex + 1) % facing.options.length;
  else field(prefix, "is_flipped").click();
}

function press(event, handle, sheet) {
  const { prefix } = handle.dataset;
  const { key } = event;
  if ((event.ctrlKey || event.metaKey) && key === "z") find("#staging-sheet [value=undo]").click();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (KEYS[key]) write(prefix, KEYS[key][0], read(prefix, KEYS[key][0]) + KEYS[key][1] / 100);
  else if (SIZES[key]) write(prefix, "height", read(prefix, "height") * SIZES[key]);
  else if (key.toLowerCase() === "r") turn(prefix);
  else if (key === "Delete") find(`[data-staging="${prefix}"] [value^=remove]`).click();
  else return;
  event.preventDefault();
  place(handle, sheet);
  if (key !== "Delete" && key !== "z") drawSoon(prefix);
}

function drag(event, handle, sheet) {
  const { prefix } = handle.dataset;
  const box = sheet.getBoundingClientRect();
  const { kx, ky } = measure(sheet);
  const from = { x: event.clientX, y: event.clientY, left: read(prefix, "x"), top: read(prefix, "y") };
  const move = ({ clientX, clientY }) => {
    write(prefix, "x", from.left + (clientX - from.x) / box.width / kx);
    write(prefix, "y", from.top + (clientY - from.y) / box.height / ky);
    place(handle, sheet);
  };
  handle.dataset.isDragged = "true";
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener("pointermove", move);
  const end = ({ type }) => {
    delete handle.dataset.isDragged;
    handle.removeEventListener("pointermove", move);
    if (type === "pointerup") draw(prefix);
  };
  for (const type of ["pointerup", "pointercancel"]) handle.addEventListener(type, end, { once: true });
}

/** Puts a handle over each figure and thing of the drawing, in a layer that swaps of the drawing leave alone. */
function build() {
  const side = find(".staging-side");
  const sheet = find(".staging-sheet", side);
  const layer = find(".staging-handles", side) ?? side.appendChild(document.createElement("div"));
  layer.className = "staging-handles";
  for (const name of ["Left", "Top", "Width", "Height"]) layer.style[name.toLowerCase()] = `${sheet[`offset${name}`]}px`;
  const rows = findAll("[data-staging]");
  for (const handle of [...layer.children].slice(rows.length)) handle.remove();
  rows.forEach(({ dataset, firstElementChild: summary }, n) => {
    const handle = layer.children[n] ?? addHandle(layer);
    handle.dataset.prefix = dataset.staging;
    handle.title = summary.textContent;
    handle.setAttribute("aria-label", summary.textContent);
    if (!handle.dataset.isDragged) place(handle, sheet);
  });
}

function addHandle(layer) {
  const handle = document.createElement("button");
  Object.assign(handle, { type: "button", className: "staging-handle" });
  handle.setAttribute("aria-describedby", "staging-keys");
  handle.addEventListener("keydown", (event) => press(event, handle, find(".staging-sheet")));
  handle.addEventListener("pointerdown", (event) => drag(event, handle, find(".staging-sheet")));
  handle.addEventListener("click", () => (find(`[data-staging="${handle.dataset.prefix}"]`).open = true));
  return layer.appendChild(handle);
}

if (find(".staging-side")) {
  build();
  document.addEventListener("htmx:after:swap", build);
  document.addEventListener("change", (event) => event.target.closest("[data-staging]") && build());
  addEventListener("resize", build);
  addEventListener("load", build);
  let isKept = false; // a button was pressed that stores the panel, so that the page is left with nothing unsaved
  document.addEventListener("submit", ({ submitter }) => (isKept = /^(save|use|clear)/.test(submitter?.value)));
  addEventListener("beforeunload", (event) => !isKept && find("[name=past]") && event.preventDefault());
}
