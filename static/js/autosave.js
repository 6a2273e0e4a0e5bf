// A form with data-autosave is sent after each pause of the keyboard, one send after the other; deeds beside it wait.
// Only fields that were changed here are sent, each with the revision at which it was last seen: what others changed
// meanwhile is shown where nothing was typed, and asked about where something was. A field that holds something
// impossible is named and stays as it is; the others are sent without it. A studio that is away is tried again.
import { each, on, one, word } from "./dom.js";

const PAUSE = 600;
const AGAIN = 5_000;
const AGAIN_AT_MOST = 60_000;
const OWN = ["csrfmiddlewaretoken", "rev", "back", "has_follows"];
let state = null; // of the form on the page: form, seen {field: rev}, known {field: value}, timer, sending

const fields = (form) => [...form.elements].filter(({ name, type }) => name && !OWN.includes(name) && type !== "submit");
const read = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

function put(field, value) {
  if (field.type === "checkbox") field.checked = value === true || value === "true" || value === "True";
  else field.value = value ?? "";
}

function say(name, held = []) {
  const place = one("#saved");
  if (place) place.textContent = name === "notSaved" && held.length ? naming("notSavedFields", held) : word(name);
  const retry = one("[data-retry]");
  const isFruitless = held.length > 0 || Boolean(one("#merge .editor-conflict")); // both versions ask for themselves
  if (retry) retry.hidden = name !== "notSaved" || isFruitless;
}

const dirty = () => (state ? fields(state.form).filter((field) => read(field) !== state.known[field.name]) : []);
const isImpossible = (field) => !field.validity.valid;

/** A sentence of the page about these fields, by the names that the page gives them. */
export function naming(sentence, some) {
  const names = some.map((field) => field.labels?.[0]?.textContent.trim() || field.getAttribute("aria-label"));
  const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
  return word(sentence).replace("{fields}", list.format(names));
}

each("form[data-autosave]", (form) => {
  if (!globalThis.htmx) return;
  const rev = form.elements.rev.value;
  const names = fields(form).map((field) => [field.name, field]);
  state = { form, timer: 0, sending: null, sent: null }; // sent: what is on its way
  state.seen = Object.fromEntries(names.map(([name]) => [name, rev]));
  state.known = Object.fromEntries(names.map(([name, field]) => [name, read(field)]));
  form.addEventListener("input", () => soon(PAUSE));
  form.addEventListener("change", () => soon(0));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon(0);
  });
});

function soon(wait) {
  clearTimeout(state.timer);
  if (!dirty().length) {
    mark();
    return;
  }
  say("saving");
  state.timer = setTimeout(save, wait);
}

/** Resolves when what was typed so far is in, or was refused. */
function save() {
  const mine = state;
  if (!mine?.form.isConnected) return Promise.resolve();
  if (mine.sending) return mine.sending.then(save);
  const changed = dirty().filter((field) => !isImpossible(field));
  if (!changed.length) {
    mark();
    return Promise.resolve();
  }
  const sent = Object.fromEntries(changed.map((field) => [field.name, read(field)]));
  mine.sent = sent;
  mine.sending = sendWithKey(mine, sent).then(({ isGood, status }) => {
    mine.sending = mine.sent = null;
    if (isGood) learn(mine, sent);
    if (mine !== state) return undefined;
    mine.isAway = !isGood && (!status || status >= 500);
    if (!isGood) say("notSaved");
    if (mine.isAway) later(mine);
    else settle(mine);
    return isGood ? save() : undefined;
  });
  return mine.sending;
}

/** The studio answers again: the next time that it does not, it is told anew. */
function settle(mine) {
  mine.wait = 0;
  one("#merge")?.removeAttribute("data-again");
}

/** Whoever signed in again in another tab has another key to deeds: with that it is sent once more. */
async function sendWithKey(mine, sent) {
  const answer = await send(mine, sent);
  if (answer.status !== 403) return answer;
  const part = await import("./key.js").catch(() => null); // few pages ever need it
  return (await part?.renewKey()) ? send(mine, sent) : answer;
}

function later(mine) {
  mine.wait = Math.min(AGAIN_AT_MOST, mine.wait * 2 || AGAIN);
  clearTimeout(mine.timer);
  mine.timer = setTimeout(() => mine === state && again(true), mine.wait);
}

/** Says how things stand when there is nothing (more) to send, and marks what cannot be sent. */
function mark() {
  const held = dirty();
  for (const field of fields(state.form)) {
    if (held.includes(field)) field.setAttribute("aria-invalid", "true");
    else if (!isImpossible(field)) field.removeAttribute("aria-invalid");
  }
  if (held.length) say("notSaved", held);
  else if (one("#saved")?.textContent) say("saved");
}

async function send({ form, seen }, sent) {
  const place = one("#merge");
  const values = { ...sent, rev: form.elements.rev.value };
  values.seen = Object.keys(sent).map((name) => `${name}:${seen[name]}`).join();
  if ("follows" in sent) {
    values.has_follows = "1";
    if (sent.follows !== "true") delete values.follows;
  }
  let isGood = false;
  let status = 0;
  const note = ({ detail: { ctx } }) => {
    if (ctx?.sourceElement !== place) return;
    status = ctx.response?.status;
    isGood = status < 400 && ctx.text.includes("scene-now"); // and no page that asks to sign in
  };
  document.addEventListener("htmx:after:request", note);
  try {
    await globalThis.htmx.ajax("POST", form.action, { source: place, target: place, swap: "none", values });
  } catch {
    isGood = false; // the toast of errors.js has said it
  } finally {
    document.removeEventListener("htmx:after:request", note);
  }
  return { isGood, status };
}

/** Takes over how the scene stands now, except where something else was typed meanwhile. */
function learn(mine, sent) {
  const now = one("#scene-now");
  const values = JSON.parse(now.dataset.values);
  for (const field of fields(mine.form)) {
    const { name } = field;
    const isUntouched = read(field) === mine.known[name];
    if (name in sent) mine.known[name] = sent[name];
    else if (!isUntouched) continue;
    else if (name in values) {
      put(field, values[name]);
      mine.known[name] = read(field);
    }
    mine.seen[name] = now.dataset.rev;
  }
}

on("click", "[data-retry]", () => again());
addEventListener("online", () => again());
document.addEventListener("visibilitychange", () => !document.hidden && state?.isAway && again());

function again(isByItself = false) {
  if (!dirty().length) return;
  one("#merge")?.toggleAttribute("data-again", isByItself);
  say("saving");
  save();
}

/** Resolves when what can be sent has been sent; what is left then could not be. */
export const settled = () => Promise.resolve(state?.form.isConnected && save());

/** The fields of which something typed is neither saved nor on its way. */
export const unsent = () =>
  state?.form.isConnected ? dirty().filter((field) => state.sent?.[field.name] !== read(field)) : [];

/** Whether something typed is not saved, be it on its way. */
export const isWritten = () => Boolean(state?.form.isConnected && (state.sending || dirty().length));

// a save that is on its way reaches the studio even if the page is left
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.id === "merge") ctx.request.keepalive = true;
});

// a collision: to keep mine is to write it over what stands there now, to take theirs is to write it into the field
on("submit", "[data-keep]", (event, choice) => {
  if (!state) return;
  event.preventDefault();
  const field = state.form.elements[choice.dataset.keep];
  state.seen[choice.dataset.keep] = choice.dataset.rev;
  if (event.submitter?.hasAttribute("data-theirs")) {
    put(field, choice.dataset.theirs);
    state.known[choice.dataset.keep] = read(field);
  }
  choice.closest(".editor-conflict").remove();
  if (!one("#merge .editor-conflict")) {
    one("#merge").replaceChildren();
    if (dirty().length) save();
    else say("saved");
  }
});
