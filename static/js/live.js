// Whether this page hears from the studio. A socket gone for ten seconds is replaced by a question every five.
import { all, each, one } from "./dom.js";

const PATIENCE = 10_000;
const EVERY = 5_000;
const main = one("main[data-live]");
let patience = 0;
let asking = 0;
let state = "on";

function show(next) {
  state = next;
  for (const dot of all("[data-live-dot]")) {
    dot.classList.toggle("off", state === "off");
    dot.classList.toggle("polling", state === "polling");
  }
}

function ask() {
  const ids = all("[id^='job-'][data-rev]").map((job) => job.id.slice("job-".length));
  const url = `${main.dataset.live}?ids=${encodeURIComponent(ids.join(","))}`;
  globalThis.htmx?.ajax("GET", url, { source: main, target: main, swap: "none" });
}

function lost() {
  if (state === "on") show("off");
  if (patience || asking) return;
  patience = setTimeout(() => {
    patience = 0;
    show("polling");
    ask();
    asking = setInterval(ask, EVERY);
  }, PATIENCE);
}

function found() {
  clearTimeout(patience);
  clearInterval(asking);
  patience = asking = 0;
  show("on");
}

if (main) {
  main.addEventListener("htmx:ws:after:connection", found);
  main.addEventListener("htmx:ws:close", lost);
  main.addEventListener("htmx:ws:error", lost);
  each("[data-live-dot]", () => show(state));
}
