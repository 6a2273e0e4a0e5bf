// Keep the page up to date. Elements name what they show: data-topics="job:ID.REVISION story:ID.REVISION". The server says
// over the socket which topics have changed, and elements with hx-trigger="live" are then fetched again. Without a socket
// for fifteen seconds, the page asks every ten.
import { findAll, initialize, find } from "./dom.js";

const GRACE_MS = 15_000; // pages try to reconnect once in ten seconds
const POLL_MS = 10_000;
const SETTLE_MS = 100; // several elements are swapped one after the other
const FETCH_EVERY_MS = 2_000; // of one element
const MAX_TOPICS = 100; // of a request (common/live/topics.py takes 200)
const TOO_MANY = 4429; // code of a socket that was closed because the viewer has too many (jobs/live/close_codes.py)
const main = find("main[data-live]");
const revisions = new Map(); // topic → its newest revision that the server named
const fetched = new Map(); // id of an element → what it was fetched for
const fetchedAt = new Map();
let socket = null; // while it is open
let reported = ""; // the topics that the server has of this page
let checkTimer = 0;
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

/** Returns [topic, revision] of all topics of an element. */
const topicsOf = ({ dataset: { topics } }) => topics.split(" ").map((text) => text.split("."));

/** Returns the topics of the page; if two elements show one at different revisions, the outdated one. */
function listTopics() {
  const topics = new Map();
  for (const element of findAll("[data-topics]")) {
    for (const [topic, revision] of topicsOf(element)) {
      if (!topics.has(topic) || topics.get(topic) === revisions.get(topic)) topics.set(topic, revision);
    }
  }
  return topics;
}

const write = (topics) => topics.map((entry) => entry.join(".")).join(" ");

/** Tells the server what the page shows, unless it knows that. */
function report() {
  const topics = [...listTopics()];
  const names = topics.map(([topic]) => topic).join(" ");
  if (names === reported && topics.every(([topic, revision]) => revisions.get(topic) === revision)) return;
  reported = names;
  socket.send(JSON.stringify({ topics: write(topics) }));
  for (const entry of topics) revisions.set(...entry); // the server answers with those that have changed
}

function fetchOutdated() {
  for (const element of findAll("[data-topics][hx-trigger~=live]")) {
    const isOld = ([topic, revision]) => revisions.has(topic) && revisions.get(topic) !== revision;
    const outdated = topicsOf(element).filter(isOld).map(([topic]) => [topic, revisions.get(topic)]);
    if (!outdated.length || fetched.get(element.id) === write(outdated)) continue;
    const wait = (fetchedAt.get(element.id) ?? -Infinity) + FETCH_EVERY_MS - performance.now();
    if (wait > 0) {
      setTimeout(scheduleCheck, wait);
      continue;
    }
    fetchedAt.set(element.id, performance.now());
    fetched.set(element.id, write(outdated)); // a response that shows it otherwise is not asked for again
    element.dispatchEvent(new Event("live"));
  }
}

function check() {
  checkTimer = 0;
  fetchOutdated();
  if (socket) report();
}

function scheduleCheck() {
  checkTimer ||= setTimeout(check, SETTLE_MS);
}

function takeRevisions(topics) {
  for (const entry of Object.entries(topics)) revisions.set(...entry);
  scheduleCheck();
}

async function poll() {
  const topics = [...listTopics()];
  for (const entry of topics) revisions.set(...entry);
  do {
    const query = new URLSearchParams({ topics: write(topics.splice(0, MAX_TOPICS)) });
    const response = await fetch(`${main.dataset.live}?${query}`).catch(() => null);
    if (response?.status !== 200) return; // the live dot says that there are no updates
    for (const { topics: changed, content } of await response.json()) {
      if (changed) takeRevisions(changed);
      else await globalThis.htmx.swap({ sourceElement: main, target: main, swap: "innerHTML swapEmpty:false", text: content });
    }
  } while (topics.length);
}

function startPolling(newState) {
  clearTimeout(graceTimer);
  graceTimer = 0;
  showState(newState);
  poll();
  pollTimer = setInterval(poll, POLL_MS);
}

function onDisconnect(event) {
  socket = null;
  if (event.detail?.code === TOO_MANY) {
    if (!pollTimer) startPolling("crowded"); // this socket is not opened again
    return;
  }
  if (state === "on") showState("off");
  if (graceTimer || pollTimer) return;
  graceTimer = setTimeout(startPolling, GRACE_MS, "polling");
}

function onConnect({ detail: { connection } }) {
  clearTimeout(graceTimer);
  clearInterval(pollTimer);
  graceTimer = pollTimer = 0;
  ({ socket } = connection);
  reported = null;
  report();
  showState("on");
}

// Another response, rendered before the last fetch was, may arrive after it and show what was before.
function onResponse({ detail: { ctx } }) {
  if (!ctx.sourceElement?.matches("[hx-trigger~=live]")) fetched.clear();
}

function onMessage({ detail: { message } }) {
  if (typeof message.data === "string" && message.data.startsWith('{"topics"')) takeRevisions(JSON.parse(message.data).topics);
}

if (main) {
  main.addEventListener("htmx:ws:after:connection", onConnect);
  main.addEventListener("htmx:ws:before:message:incoming", onMessage);
  main.addEventListener("htmx:ws:close", onDisconnect);
  main.addEventListener("htmx:ws:error", onDisconnect);
  document.addEventListener("htmx:after:request", onResponse);
  initialize("[data-topics]", scheduleCheck);
  new MutationObserver(scheduleCheck).observe(main, { subtree: true, attributes: true, attributeFilter: ["data-topics"] });
  initialize("[data-live-dot]", () => showState(state));
  globalThis.htmx?.process(main); // htmx may have started before the socket script
  main.dispatchEvent(new Event("listening")); // the socket is opened now, so that no event of it is missed
}
