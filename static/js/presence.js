// Mark the rows of the storyboard that other users have open with their names (data-editors).
import { findAll, find, initialize } from "./dom.js";

function markRows() {
  const names = {};
  for (const { dataset } of findAll("#presence [data-editors]")) (names[dataset.row] ??= []).push(dataset.editors);
  for (const row of findAll(".storyboard-row[data-editors]")) if (!names[row.id]) delete row.dataset.editors;
  for (const [id, editors] of Object.entries(names)) {
    const row = document.getElementById(id);
    if (row) row.dataset.editors = editors.join(", ");
  }
}

// replaced rows lose their marks
document.addEventListener("htmx:after:swap", () => find("#presence") && markRows());
if (find("#presence")) markRows(); // the list may have loaded before this script

// say which scene this user edits now
let editing = find(".editor [name=editing]")?.value;
initialize(".editor [name=editing]", ({ value }) => {
  if (value !== editing) find("#presence")?.dispatchEvent(new Event("live"));
  editing = value;
});
