// Update the numbers of the job filters after jobs changed their state.
import { find, initialize } from "./dom.js";

const PAUSE_MS = 2_000;
let timer = 0;
let active = null; // number of active jobs in the menu

function update() {
  timer = 0;
  find("[data-live-counts]")?.dispatchEvent(new Event("jobchange"));
}

function schedule() {
  if (!timer && find("[data-live-counts]")) timer = setTimeout(update, PAUSE_MS);
}

initialize("#nav-jobs", (badge) => {
  if (active !== null && active !== badge.textContent) schedule();
  active = badge.textContent;
});
initialize("#rows", (rows) => {
  new MutationObserver(schedule).observe(rows, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
});
