// Rows of the storyboard that somebody else has open carry their names: the style sheet draws a blue line around them.
import { all, one } from "./dom.js";

function mark() {
  const names = {};
  for (const { dataset } of all("#story-here [data-who]")) (names[dataset.row] ??= []).push(dataset.who);
  for (const row of all(".storyboard-row[data-who]")) if (!names[row.id]) delete row.dataset.who;
  for (const [id, who] of Object.entries(names)) {
    const row = document.getElementById(id);
    if (row) row.dataset.who = who.join(", ");
  }
}

// rows come anew from the studio without their marks
document.addEventListener("htmx:after:swap", () => one("#story-here") && mark());
if (one("#story-here")) mark(); // who is here may have been told before this file came
