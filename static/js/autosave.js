// A form with data-autosave is sent after each pause of the keyboard, one send after the other; deeds beside it wait for it.
import { each, on, one, word } from "./dom.js";

const PAUSE = 600;
const busy = new Map(); // form → the send that is on its way

function say(name) {
  const place = one("#saved");
  if (place) place.textContent = name ? word(name) : "";
}

each("form[data-autosave]", (form) => {
  if (!globalThis.htmx) return;
  let timer = 0;
  const soon = (wait) => {
    clearTimeout(timer);
    form.dataset.dirty = "";
    say("saving");
    timer = setTimeout(() => save(form), wait);
  };
  form.addEventListener("input", () => soon(PAUSE));
  form.addEventListener("change", () => soon(0));
});

/** Sends what is in the form now; while one is on its way, once more after it. */
function save(form) {
  if (!("dirty" in form.dataset) || !form.isConnected) return busy.get(form);
  if (busy.has(form)) return busy.get(form).then(() => save(form));
  if (!form.checkValidity()) return say("notSaved");
  delete form.dataset.dirty;
  let isGood = false;
  const note = (event) => {
    if (event.detail.ctx?.sourceElement === form) isGood = event.detail.ctx.response?.status < 400;
  };
  document.addEventListener("htmx:after:request", note);
  const sent = globalThis.htmx
    .ajax("POST", form.action, { source: form, target: form, swap: "none" })
    .catch(() => {})
    .finally(() => {
      document.removeEventListener("htmx:after:request", note);
      busy.delete(form);
      if (!isGood) form.dataset.dirty = "";
      say("dirty" in form.dataset ? (isGood ? "saving" : "notSaved") : "saved");
    });
  busy.set(form, sent);
  return sent;
}

// before another deed of the editor goes out, what was typed is in
document.addEventListener(
  "submit",
  (event) => {
    const form = one("form[data-autosave]");
    const deed = event.target;
    if (!form || deed === form || !deed.closest(".ed, .menu, #add-scene") || deed.matches("[data-keep], [method=dialog]")) return;
    if (!("dirty" in form.dataset) && !busy.has(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    Promise.resolve(save(form)).then(() => {
      if (!("dirty" in form.dataset)) deed.requestSubmit(event.submitter);
    });
  },
  true,
);

// a collision: keep mine means to write it over what stands there now
on("submit", "[data-keep]", (event, choice) => {
  const form = one("form[data-autosave]");
  if (!form || !globalThis.htmx) return;
  event.preventDefault();
  one("#scene-rev").value = one("[name=rev]", choice).value;
  one("#merge").replaceChildren();
  form.dataset.dirty = "";
  save(form);
});

addEventListener("beforeunload", (event) => {
  const form = one("form[data-autosave]");
  if (form && ("dirty" in form.dataset || busy.has(form))) event.preventDefault();
});
