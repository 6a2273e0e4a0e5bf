// Whether this page hears from the studio. A socket gone for ten seconds is replaced by a question every five.
import { all, each, one } from "./dom.js";
import { ACTIVE } from "./title.js";

const PATIENCE = 10_000;
const EVERY = 5_000;
const AT_MOST = 100; // jobs of which the studio tells in one answer (jobs/views/queue.py)
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

// One question after the other: htmx keeps no more than one waiting. The first is also asked of no job, for the badge.
async function ask() {
  const ids = all(ACTIVE).map((job) => job.id.slice("job-".length));
  do {
    const url = `${main.dataset.live}?ids=${ids.splice(0, AT_MOST).join(",")}`;
    await globalThis.htmx?.ajax("GET", url, { source: main, target: main, swap: "none" });
  } while (ids.length);
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
  if (state !== "on") ask(); // the socket does not tell what ended long ago
  show("on");
}

if (main) {
  main.addEventListener("htmx:ws:after:connection", found);
  main.addEventListener("htmx:ws:close", lost);
  main.addEventListener("htmx:ws:error", lost);
  each("[data-live-dot]", () => show(state));
  globalThis.htmx?.process(main); // where the script of the socket came late, htmx has passed by without it
}
