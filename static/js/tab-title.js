// Show the progress of one job, or the number of several, in the title of the tab.
import { findAll, find } from "./dom.js";

const pageTitle = document.title;
export const ACTIVE = "[id^='job-'][data-state=work], [id^='job-'][data-state=wait]";
let isQueued = false;

function progress(job) {
  const bar = find("progress[value]", job);
  return bar ? Math.floor(bar.position * 100) : null;
}

function update() {
  isQueued = false;
  const jobs = findAll(ACTIVE);
  const known = jobs.map(progress).filter((value) => value !== null);
  let mark = "";
  if (jobs.length === 1 && known.length === 1) mark = `${known[0]} % · `;
  else if (jobs.length) mark = `(${jobs.length}) `;
  if (document.title !== mark + pageTitle) document.title = mark + pageTitle;
}

new MutationObserver(() => {
  if (isQueued) return;
  isQueued = true;
  setTimeout(update, 250);
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state", "value"] });
update();
