// Choose a part of an image: drag the box or its corners, or use the arrow keys (with Shift they resize).
import { findAll, find } from "./dom.js";

const MIN_SIZE = 0.05;
const STEP = 0.01;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
const wholeBox = () => ({ x: 0, y: 0, w: 1, h: 1 });

let box = wholeBox();

function draw(frame) {
  for (const [name, share] of [
    ["left", box.x],
    ["top", box.y],
    ["width", box.w],
    ["height", box.h],
  ]) {
    frame.style[name] = `${share * 100}%`;
  }
}

function move(dx, dy, start = box) {
  box = { ...start, x: clamp(start.x + dx, 0, 1 - start.w), y: clamp(start.y + dy, 0, 1 - start.h) };
}

/** Drags one corner; the opposite one stays. `corner` is two letters: n or s, then w or e. */
function resize(corner, dx, dy, start = box) {
  let [left, top, right, bottom] = [start.x, start.y, start.x + start.w, start.y + start.h];
  if (corner[1] === "w") left = clamp(left + dx, 0, right - MIN_SIZE);
  else right = clamp(right + dx, left + MIN_SIZE, 1);
  if (corner[0] === "n") top = clamp(top + dy, 0, bottom - MIN_SIZE);
  else bottom = clamp(bottom + dy, top + MIN_SIZE, 1);
  box = { x: left, y: top, w: right - left, h: bottom - top };
}

/** The largest box of this ratio, in the middle. */
function fitRatio(ratio, picture) {
  const share = ratio / (picture.naturalWidth / picture.naturalHeight);
  const [w, h] = share > 1 ? [1, 1 / share] : [share, 1];
  box = { x: (1 - w) / 2, y: (1 - h) / 2, w, h };
}

function drag(event, frame) {
  if (event.button !== 0) return;
  event.preventDefault();
  const stage = frame.parentElement.getBoundingClientRect();
  const [start, corner] = [{ ...box }, event.target.dataset.corner];
  const track = (now) => {
    const [dx, dy] = [(now.clientX - event.clientX) / stage.width, (now.clientY - event.clientY) / stage.height];
    if (corner) resize(corner, dx, dy, start);
    else move(dx, dy, start);
    draw(frame);
  };
  frame.setPointerCapture(event.pointerId);
  frame.addEventListener("pointermove", track);
  frame.addEventListener("lostpointercapture", () => frame.removeEventListener("pointermove", track), { once: true });
}

function handleKey(event, frame) {
  const delta = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
  if (!delta) return;
  event.preventDefault();
  if (event.shiftKey) resize("se", ...delta);
  else move(...delta);
  draw(frame);
}

function setUpDialog(dialog) {
  if (dialog.dataset.prepared) return;
  dialog.dataset.prepared = "yes";
  const frame = find("[data-crop-box]", dialog);
  const picture = find("img", dialog);
  frame.addEventListener("pointerdown", (event) => drag(event, frame));
  frame.addEventListener("keydown", (event) => handleKey(event, frame));
  for (const button of findAll("[data-crop-fit]", dialog)) {
    button.addEventListener("click", () => {
      if (button.dataset.cropFit === "whole") box = wholeBox();
      else fitRatio(Number(button.dataset.ratio), picture);
      draw(frame);
    });
  }
}

function offerRatio(dialog, form) {
  const chosen = form ? new FormData(form).get("ratio") : null;
  const button = find("[data-crop-fit=ratio]", dialog);
  button.hidden = !chosen;
  if (!chosen) return;
  const [width, height] = chosen.split(":").map(Number);
  button.dataset.ratio = width / height;
  find("[data-ratio-name]", button).textContent = chosen;
}

/** Resolves to "x,y,width,height" as shares of the image, "" for the whole image, or null if cancelled. */
export async function askForCrop(file, form) {
  const dialog = find("#crop");
  if (!dialog) return "";
  const picture = find("img", dialog);
  picture.src = URL.createObjectURL(file);
  try {
    await picture.decode();
  } catch (error) {
    if (error.name !== "EncodingError") throw error;
    return ""; // the server reports what is wrong with the file
  }
  setUpDialog(dialog);
  box = wholeBox();
  draw(find("[data-crop-box]", dialog));
  offerRatio(dialog, form);
  dialog.returnValue = "";
  dialog.showModal();
  find("[data-crop-box]", dialog).focus();
  await new Promise((close) => dialog.addEventListener("close", close, { once: true }));
  URL.revokeObjectURL(picture.src);
  if (dialog.returnValue !== "keep") return null;
  const isWhole = box.w > 0.999 && box.h > 0.999;
  return isWhole ? "" : [box.x, box.y, box.w, box.h].map((share) => share.toFixed(4)).join(",");
}
