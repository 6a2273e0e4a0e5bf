// Save a form with data-autosave after each pause in typing, one request at a time. Only changed fields are sent, each
// with the revision that the page shows. Changes of other users appear in untouched fields; in edited ones they are a
// conflict. Invalid fields are named and not sent. If the server is unavailable, saving is retried.
import { initialize, on, find, message } from "./dom.js";

const PAUSE_MS = 600;
const RETRY_MS = 5_000;
const MAX_RETRY_MS = 60_000;
const OTHER_NAMES = ["csrfmiddlewaretoken", "rev", "back", "has_follows"];
let state = null; // form, revs {field: rev}, saved {field: value}, sending (running request), sent (its values), timer

const fields = (form) =>
  [...form.elements].filter(
    (field) => field.name && !OTHER_NAMES.includes(field.name) && field.type !== "submit" && !field.matches("[data-draft-skip]"),
  );
const getValue = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

function setValue(field, value) {
  if (field.type === "checkbox") field.checked = value === true || value === "true" || value === "True";
  else field.value = value ?? "";
}

function showStatus(name, unsaved = []) {
  const output = find("#saved");
  if (output) output.textContent = name === "notSaved" && unsaved.length ? describeFields("notSavedFields", unsaved) : message(name);
  const retry = find("[data-retry]");
  const hasConflict = unsaved.length > 0 || Boolean(find("#merge .editor-conflict")); // a conflict has its own buttons
  if (retry) retry.hidden = name !== "notSaved" || hasConflict;
}

const changedFields = () => (state ? fields(state.form).filter((field) => getValue(field) !== state.saved[field.name]) : []);
const isInvalid = (field) => !field.validity.valid;

/** Returns the message with the labels of these fields. */
export function describeFields(sentence, named) {
  const names = named.map((field) => field.labels?.[0]?.textContent.trim() || field.getAttribute("aria-label"));
  const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
  return message(sentence).replace("{fields}", list.format(names));
}

initialize("form[data-autosave]", (form) => {
  if (!globalThis.htmx) return;
  const rev = form.elements.rev.value;
  const names = fields(form).map((field) => [field.name, field]);
  state = { form, timer: 0, sending: null, sent: null };
  state.revs = Object.fromEntries(names.map(([name]) => [name, rev]));
  state.saved = Object.fromEntries(names.map(([name, field]) => [name, getValue(field)]));
  form.addEventListener("input", () => scheduleSave(PAUSE_MS));
  form.addEventListener("change", () => scheduleSave(0));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    scheduleSave(0);
  });
});

function scheduleSave(wait) {
  clearTimeout(state.timer);
  if (!changedFields().length) {
    showState();
    return;
  }
  showStatus("saving");
  state.timer = setTimeout(save, wait);
}

/** Resolves when the current text is saved or refused. */
function save() {
  const current = state;
  if (!current?.form.isConnected) return Promise.resolve();
  if (current.sending) return current.sending.then(save);
  const changed = changedFields().filter((field) => !isInvalid(field));
  if (!changed.length) {
    showState();
    return Promise.resolve();
  }
  const sent = Object.fromEntries(changed.map((field) => [field.name, getValue(field)]));
  current.sent = sent;
  current.sending = sendWithFreshToken(current, sent).then(({ isGood, status }) => {
    current.sending = current.sent = null;
    if (isGood) applyResponse(current, sent);
    if (current !== state) return undefined;
    current.isAway = !isGood && (!status || status >= 500);
    if (!isGood) showStatus("notSaved");
    if (current.isAway) retryLater(current);
    else resetRetries(current);
    return isGood ? save() : undefined;
  });
  return current.sending;
}

/** Resets the retries after a response of the server. */
function resetRetries(current) {
  current.wait = 0;
  find("#merge")?.removeAttribute("data-automatic-retry");
}

/** Sends the values; if a sign-in in another tab has changed the CSRF token, sends them again with the new one. */
async function sendWithFreshToken(current, sent) {
  const answer = await send(current, sent);
  if (answer.status !== 403) return answer;
  const part = await import("./csrf-token.js").catch(() => null); // rarely needed
  return (await part?.renewToken()) ? send(current, sent) : answer;
}

function retryLater(current) {
  current.wait = Math.min(MAX_RETRY_MS, current.wait * 2 || RETRY_MS);
  clearTimeout(current.timer);
  current.timer = setTimeout(() => current === state && retrySave(true), current.wait);
}

/** Shows the state when nothing (more) can be sent, and marks invalid fields. */
function showState() {
  const unsaved = changedFields();
  for (const field of fields(state.form)) {
    if (unsaved.includes(field)) field.setAttribute("aria-invalid", "true");
    else if (!isInvalid(field)) field.removeAttribute("aria-invalid");
  }
  if (unsaved.length) showStatus("notSaved", unsaved);
  else if (find("#saved")?.textContent) showStatus("saved");
}

async function send({ form, revs }, sent) {
  const output = find("#merge");
  const values = { ...sent, rev: form.elements.rev.value };
  values.seen = Object.keys(sent).map((name) => `${name}:${revs[name]}`).join();
  if ("follows" in sent) {
    values.has_follows = "1";
    if (sent.follows !== "true") delete values.follows;
  }
  let isGood = false;
  let status = 0;
  const readResponse = ({ detail: { ctx } }) => {
    if (ctx?.sourceElement !== output) return;
    status = ctx.response?.status;
    isGood = status < 400 && ctx.text.includes("scene-now"); // not a sign-in page
  };
  document.addEventListener("htmx:after:request", readResponse);
  try {
    await globalThis.htmx.ajax("POST", form.action, { source: output, target: output, swap: "none", values });
  } catch {
    isGood = false; // request-errors.js shows a toast
  } finally {
    document.removeEventListener("htmx:after:request", readResponse);
  }
  return { isGood, status };
}

/** Applies the values in the response, except in fields edited meanwhile. */
function applyResponse(current, sent) {
  const now = find("#scene-now");
  const values = JSON.parse(now.dataset.values);
  for (const field of fields(current.form)) {
    const { name } = field;
    const isUntouched = getValue(field) === current.saved[name];
    if (name in sent) current.saved[name] = sent[name];
    else if (!isUntouched) continue;
    else if (name in values) {
      setValue(field, values[name]);
      current.saved[name] = getValue(field);
    }
    current.revs[name] = now.dataset.rev;
  }
}

on("click", "[data-retry]", () => retrySave());
addEventListener("online", () => retrySave());
document.addEventListener("visibilitychange", () => !document.hidden && state?.isAway && retrySave());

function retrySave(isAutomatic = false) {
  if (!changedFields().length) return;
  find("#merge")?.toggleAttribute("data-automatic-retry", isAutomatic);
  showStatus("saving");
  save();
}

/** Resolves when all valid changes are sent. */
export const saveAll = () => Promise.resolve(state?.form.isConnected && save());

/** Returns the changed fields that are neither saved nor being sent. */
export const unsavedFields = () =>
  state?.form.isConnected ? changedFields().filter((field) => state.sent?.[field.name] !== getValue(field)) : [];

/** Returns whether a change is not saved yet. */
export const hasChanges = () => Boolean(state?.form.isConnected && (state.sending || changedFields().length));

// a running save completes even if the page is left
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.id === "merge") ctx.request.keepalive = true;
});

// a conflict: "keep mine" overwrites the saved value, "take theirs" replaces the value of the field
on("submit", "[data-keep]", (event, conflictForm) => {
  if (!state) return;
  event.preventDefault();
  const field = state.form.elements[conflictForm.dataset.keep];
  state.revs[conflictForm.dataset.keep] = conflictForm.dataset.rev;
  if (event.submitter?.hasAttribute("data-theirs")) {
    setValue(field, conflictForm.dataset.theirs);
    state.saved[conflictForm.dataset.keep] = getValue(field);
  }
  conflictForm.closest(".editor-conflict").remove();
  if (!find("#merge .editor-conflict")) {
    find("#merge").replaceChildren();
    if (changedFields().length) save();
    else showStatus("saved");
  }
});
