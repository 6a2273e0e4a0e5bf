// Show whether the socket is connected, and poll every five seconds when it has been closed for fifteen.
import { findAll, initialize, find } from "./dom.js";
import { ACTIVE } from "./tab-title.js";

const GRACE_MS = 15_000; // pages try to reconnect once in ten seconds
const POLL_MS = 5_000;
const MAX_JOBS = 100; // jobs per response (jobs/views/jobs.py) and per connection (jobs/live/consumers.py)
const TOO_MANY = 4429; // code of a socket that was closed because the viewer has too many (jobs/live/close_codes.py)
const main = find("main[data-live]");
let graceTimer = 0;
let pollTimer = 0;
let state = "on";

function showState(newState) {
  state = newState;
  for (const dot of findAll("[data-live-dot]")) {
    dot.classList.toggle("off", state === "off");
    dot.classList.toggle("polling", state === "polling");
    dot.classList.toggle("crowded", state === "crowded");
  }
}

const idOf = (job) => job.id.slice("job-".length);

// One request after the other, since htmx queues at most one.
async function request(jobs) {
  do {
    const url = `${main.dataset.live}?ids=${jobs.splice(0, MAX_JOBS).map(idOf).join(",")}`;
    await globalThis.htmx?.ajax("GET", url, { source: main, target: main, swap: "none" });
  } while (jobs.length);
}

const poll = () => request(findAll(ACTIVE)); // also without jobs, for the badge

// The socket's first message brings what the page lacks. hx-ws reads the address each time it connects.
function describePage({ detail: { connection } }) {
  const { url } = connection;
  if (Object.getOwnPropertyDescriptor(connection, "url").get) return;
  const describe = (job) => `${idOf(job)}.${job.dataset.rev}`;
  const get = () => `${url}?jobs=${findAll(ACTIVE).slice(0, MAX_JOBS).map(describe).join(",")}`;
  Object.defineProperty(connection, "url", { get });
}

function startPolling(newState) {
  clearTimeout(graceTimer);
  graceTimer = 0;
  showState(newState);
  poll();
  pollTimer = setInterval(poll, POLL_MS);
}

function onDisconnect(event) {
  if (event.detail?.code === TOO_MANY) {
    if (!pollTimer) startPolling("crowded"); // this socket is not opened again
    return;
  }
  if (state === "on") showState("off");
  if (graceTimer || pollTimer) return;
  graceTimer = setTimeout(startPolling, GRACE_MS, "polling");
}

function onConnect() {
  clearTimeout(graceTimer);
  clearInterval(pollTimer);
  graceTimer = pollTimer = 0;
  const others = findAll(ACTIVE).slice(MAX_JOBS);
  if (state !== "on" && others.length) request(others);
  showState("on");
}

if (main) {
  main.addEventListener("htmx:ws:before:connection", describePage);
  main.addEventListener("htmx:ws:after:connection", onConnect);
  main.addEventListener("htmx:ws:close", onDisconnect);
  main.addEventListener("htmx:ws:error", onDisconnect);
  initialize("[data-live-dot]", () => showState(state));
  globalThis.htmx?.process(main); // htmx may have started before the socket script
}
