// Ticking rows: ranges with Shift, all that are shown, and the bar of deeds. Keys: X ticks the row in focus, Shift+X a range.
import { all, each, isTyping, on, one } from "./dom.js";

const MOST = 200; // jobs at one time (jobs/views/acts.py)
const BOX = "input[type=checkbox]:not([data-all])";
const boxes = (form) => all(BOX, form).filter((box) => box.closest("[id^='job-'], .tile"));
let last = null;

function say(form) {
  const every = boxes(form);
  const ticked = every.filter((box) => box.checked);
  every.forEach((box) => box.closest("[id^='job-'], .tile").classList.toggle("is-selected", box.checked));
  const master = one("[data-all]", form);
  if (master) {
    master.checked = every.length > 0 && ticked.length >= Math.min(every.length, MOST);
    master.indeterminate = ticked.length > 0 && !master.checked;
  }
  const bar = one(".bulk", form) ?? one(".bulk");
  if (bar) bar.hidden = !ticked.length;
  all("[data-selected]").forEach((place) => (place.textContent = ticked.length));
}

function tick(form, box, isRange) {
  const every = boxes(form);
  if (isRange && every.includes(last)) {
    const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
    every.slice(from, to + 1).forEach((each) => (each.checked = box.checked));
  }
  last = box;
  say(form);
}

on("click", `[data-select] ${BOX}`, (event, box) => tick(box.closest("[data-select]"), box, event.shiftKey));
on("change", "[data-select] [data-all]", (event, master) => {
  const form = master.closest("[data-select]");
  boxes(form).forEach((box, n) => (box.checked = master.checked && n < MOST));
  say(form);
});
on("click", "[data-clear]", () => {
  for (const form of all("[data-select]")) {
    boxes(form).forEach((box) => (box.checked = false));
    say(form);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const row = event.target.closest?.("[data-select] [id^='job-'], [data-select] .tile");
  const box = row && one(BOX, row);
  if (!box || document.body.dataset.shortcuts === "off") return;
  event.preventDefault();
  box.checked = !box.checked;
  tick(row.closest("[data-select]"), box, event.shiftKey);
});

each("[data-select]", say);
document.addEventListener("htmx:after:swap", () => all("[data-select]").forEach(say));
