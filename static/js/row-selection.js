// Select rows: ranges with Shift, all shown rows, and the bar of bulk actions, which offers what fits the selected rows. X selects the focused row, Shift+X a range.
import { findAll, initialize, isTyping, on, find } from "./dom.js";

const BOX = "input[type=checkbox]:not([data-all])";
const findBoxes = (form) => findAll(BOX, form).filter((box) => box.closest("[id^='job-'], .tile"));
const most = (form) => Number(form.dataset.select) || Infinity; // rows that one request may name
let last = null;

const fits = (box, button) => box.closest("[data-can]").dataset.can.split(" ").includes(button.dataset.fits);

/** Shows which rows are selected, and how many. */
export function update(form) {
  const allBoxes = findBoxes(form);
  const selected = allBoxes.filter((box) => box.checked);
  allBoxes.forEach((box) => box.closest("[id^='job-'], .tile").classList.toggle("is-selected", box.checked));
  const selectAll = find("[data-all]", form);
  if (selectAll) {
    selectAll.checked = allBoxes.length > 0 && selected.length >= Math.min(allBoxes.length, most(form));
    selectAll.indeterminate = selected.length > 0 && !selectAll.checked;
  }
  const bar = find(".bulk", form) ?? find(".bulk");
  if (bar) bar.hidden = !selected.length;
  for (const button of bar ? findAll("[data-fits]", bar) : []) {
    const count = selected.filter((box) => fits(box, button)).length;
    button.hidden = !count;
    find("[data-fitting]", button).textContent = count < selected.length ? count : "";
  }
  findAll("[data-selected]").forEach((place) => (place.textContent = selected.length));
}

function toggle(form, box, isRange) {
  const allBoxes = findBoxes(form);
  if (isRange && allBoxes.includes(last)) {
    const [from, to] = [allBoxes.indexOf(last), allBoxes.indexOf(box)].sort((a, b) => a - b);
    allBoxes.slice(from, to + 1).forEach((other) => (other.checked = box.checked));
  }
  last = box;
  update(form);
}

on("click", `[data-select] ${BOX}`, (event, box) => toggle(box.closest("[data-select]"), box, event.shiftKey));
on("change", "[data-select] [data-all]", (event, selectAll) => {
  const form = selectAll.closest("[data-select]");
  findBoxes(form).forEach((box, n) => (box.checked = selectAll.checked && n < most(form)));
  update(form);
});
// the action is for the rows that it fits; the others stay selected
on("click", "[data-select] [data-fits]", (event, button) => {
  const others = findBoxes(button.closest("[data-select]")).filter((box) => box.checked && !fits(box, button));
  others.forEach((box) => (box.disabled = true));
  setTimeout(() => others.forEach((box) => (box.disabled = false)));
});
on("click", "[data-clear]", () => {
  for (const form of findAll("[data-select]")) {
    findBoxes(form).forEach((box) => (box.checked = false));
    update(form);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const row = event.target.closest?.("[data-select] [id^='job-'], [data-select] .tile");
  const box = row && find(BOX, row);
  if (!box || document.body.dataset.shortcuts === "off") return;
  event.preventDefault();
  box.checked = !box.checked;
  toggle(row.closest("[data-select]"), box, event.shiftKey);
});

initialize("[data-select]", update);
document.addEventListener("htmx:after:swap", () => findAll("[data-select]").forEach(update));
