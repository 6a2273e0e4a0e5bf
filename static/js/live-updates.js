// Show whether the socket is connected, and poll every five seconds when it has been closed for ten.
import { findAll, initialize, find } from "./dom.js";
import { ACTIVE } from "./tab-title.js";

const GRACE_MS = 10_000;
const POLL_MS = 5_000;
const MAX_JOBS = 100; // jobs per response (jobs/views/queue.py)
const main = find("main[data-live]");
let graceTimer = 0;
let pollTimer = 0;
let state = "on";

function showState(newState) {
  state = newState;
  for (const dot of findAll("[data-live-dot]")) {
    dot.classList.toggle("off", state === "off");
    dot.classList.toggle("polling", state === "polling");
  }
}

// One request after the other, since htmx queues at most one. The first is sent even without jobs, for the badge.
async function poll() {
  const ids = findAll(ACTIVE).map((job) => job.id.slice("job-".length));
  do {
    const url = `${main.dataset.live}?ids=${ids.splice(0, MAX_JOBS).join(",")}`;
    await globalThis.htmx?.ajax("GET", url, { source: main, target: main, swap: "none" });
  } while (ids.length);
}

function onDisconnect() {
  if (state === "on") showState("off");
  if (graceTimer || pollTimer) return;
  graceTimer = setTimeout(() => {
    graceTimer = 0;
    showState("polling");
    poll();
    pollTimer = setInterval(poll, POLL_MS);
  }, GRACE_MS);
}

function onConnect() {
  clearTimeout(graceTimer);
  clearInterval(pollTimer);
  graceTimer = pollTimer = 0;
  if (state !== "on") poll(); // jobs may have ended meanwhile
  showState("on");
}

if (main) {
  main.addEventListener("htmx:ws:after:connection", onConnect);
  main.addEventListener("htmx:ws:close", onDisconnect);
  main.addEventListener("htmx:ws:error", onDisconnect);
  initialize("[data-live-dot]", () => showState(state));
  globalThis.htmx?.process(main); // htmx may have started before the socket script
}
