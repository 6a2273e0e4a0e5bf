// A form with data-autosave is sent after each pause of the keyboard, one send after the other; deeds beside it wait.
// Only fields that were changed here are sent, each with the revision at which it was last seen: what others changed
// meanwhile is shown where nothing was typed, and asked about where something was.
import { each, on, one, word } from "./dom.js";

const PAUSE = 600;
const OWN = ["csrfmiddlewaretoken", "rev", "back", "has_follows"];
let state = null; // of the form on the page: form, seen {field: rev}, known {field: value}, timer, sending

const fields = (form) => [...form.elements].filter(({ name, type }) => name && !OWN.includes(name) && type !== "submit");
const read = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

function put(field, value) {
  if (field.type === "checkbox") field.checked = value === true || value === "true" || value === "True";
  else field.value = value ?? "";
}

function say(name) {
  const place = one("#saved");
  if (place) place.textContent = name ? word(name) : "";
  const retry = one("[data-retry]");
  if (retry) retry.hidden = name !== "notSaved" || Boolean(one("#merge .ed-both")); // both versions ask for themselves
}

const dirty = () => (state ? fields(state.form).filter((field) => read(field) !== state.known[field.name]) : []);

each("form[data-autosave]", (form) => {
  if (!globalThis.htmx) return;
  const rev = form.elements.rev.value;
  const names = fields(form).map((field) => [field.name, field]);
  state = { form, timer: 0, sending: null };
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
  if (!dirty().length) return;
  say("saving");
  state.timer = setTimeout(save, wait);
}

/** Resolves when what was typed so far is in, or was refused. */
function save() {
  const mine = state;
  if (!mine?.form.isConnected) return Promise.resolve();
  if (mine.sending) return mine.sending.then(save);
  const changed = dirty();
  if (!changed.length) return Promise.resolve();
  if (!changed.every((field) => field.checkValidity())) {
    say("notSaved");
    return Promise.resolve();
  }
  const sent = Object.fromEntries(changed.map((field) => [field.name, read(field)]));
  mine.sending = send(mine, sent).then((isGood) => {
    mine.sending = null;
    if (isGood) learn(mine, sent);
    if (mine === state) say(isGood ? (dirty().length ? "saving" : "saved") : "notSaved");
    return isGood && dirty().length ? save() : undefined;
  });
  return mine.sending;
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
  const note = ({ detail: { ctx } }) => {
    if (ctx?.sourceElement === place) isGood = ctx.response?.status < 400;
  };
  document.addEventListener("htmx:after:request", note);
  try {
    await globalThis.htmx.ajax("POST", form.action, { source: place, target: place, swap: "none", values });
  } catch {
    isGood = false; // the toast of errors.js has said it
  } finally {
    document.removeEventListener("htmx:after:request", note);
  }
  return isGood;
}

/** Takes over how the scene stands now, except where something else was typed meanwhile. */
function learn(mine, sent) {
  const now = one("#scene-now");
  if (!now) return;
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

function again() {
  if (!dirty().length) return;
  say("saving");
  save();
}

/** Resolves when nothing typed is left unsent. */
export const settled = () => Promise.resolve(state && save());

// a save that is on its way reaches the studio even if the page is left
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.id === "merge") ctx.request.keepalive = true;
});

// before another deed of the editor goes out, what was typed is in
document.addEventListener(
  "submit",
  (event) => {
    const deed = event.target;
    if (!state?.form.isConnected || deed === state.form || !deed.closest(".ed, .menu, #add-scene")) return;
    if (deed.matches("[data-keep], [method=dialog]") || !(state.sending || dirty().length)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    settled().then(() => !dirty().length && deed.requestSubmit(event.submitter));
  },
  true,
);

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
  choice.closest(".ed-both").remove();
  if (!one("#merge .ed-both")) {
    one("#merge").replaceChildren();
    if (dirty().length) save();
    else say("saved");
  }
});

addEventListener("beforeunload", (event) => {
  if (state?.form.isConnected && dirty().length && !state.sending) event.preventDefault();
});
