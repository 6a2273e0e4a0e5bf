// The tab's title shows how far the work is: of one job its percentage, of several how many.
import { all, one } from "./dom.js";

const plain = document.title;
export const ACTIVE = "[id^='job-'][data-state=work], [id^='job-'][data-state=wait]";
let isQueued = false;

function progress(job) {
  const bar = one("progress[value]", job);
  return bar ? Math.floor(bar.position * 100) : null;
}

function say() {
  isQueued = false;
  const jobs = all(ACTIVE);
  const known = jobs.map(progress).filter((value) => value !== null);
  let mark = "";
  if (jobs.length === 1 && known.length === 1) mark = `${known[0]} % · `;
  else if (jobs.length) mark = `(${jobs.length}) `;
  if (document.title !== mark + plain) document.title = mark + plain;
}

new MutationObserver(() => {
  if (isQueued) return;
  isQueued = true;
  setTimeout(say, 250);
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state", "value"] });
say();
