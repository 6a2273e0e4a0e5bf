// Keep the input of unsent forms in this tab and restore it after a reload, for the same user only. Values that the
// server sets (from a link or after an error) win.
import { initialize, findAll } from "./dom.js";

const SKIPPED = "[type=hidden], [type=password], [type=file], [data-draft-skip]";
const prefix = `draft:${document.body.dataset.user ?? ""}:`;
const key = (form) => prefix + form.dataset.draft;
const fields = (form) => [...form.elements].filter((field) => field.name && !field.matches(SKIPPED));
const isCheckable = (field) => field.type === "radio" || field.type === "checkbox";

// of radios only the checked one: another model may use a slider of the same name
const isStored = (field) => field.type !== "radio" || field.checked;

function store(form) {
  const values = fields(form).filter(isStored).map((field) => [field.name, field.value, isCheckable(field) ? field.checked : null]);
  sessionStorage.setItem(key(form), JSON.stringify(values));
}

const query = new URLSearchParams(location.search);
const hasOnlyTab = [...query.keys()].every((name) => name === "tab");
let isRestoring = false; // while events of restored fields are sent, which must not overwrite the draft
const VIDEO_FIELDS = ["prompt", "negative_prompt", "style"]; // the fields restored on the video tab

/** Restores the form. Returns the restored fields. */
function restore(form) {
  const stored = JSON.parse(sessionStorage.getItem(key(form)) ?? "[]");
  const values = query.get("tab") === "video" ? stored.filter(([name]) => VIDEO_FIELDS.includes(name)) : stored;
  const restored = [];
  for (const [name, value, isChecked] of values) {
    const field = fields(form).find((other) => other.name === name && (!isCheckable(other) || other.value === value));
    if (!field || field.disabled) continue;
    if (isCheckable(field)) field.checked = isChecked;
    else if (value) field.value = value;
    restored.push(field);
  }
  return restored;
}

// the response to a plain form says that its draft is saved (common/web/htmx.py)
const savedDraft = /(?:^|; )saved_draft=([\w-]+)/.exec(document.cookie)?.[1];
if (savedDraft) {
  sessionStorage.removeItem(prefix + savedDraft);
  document.cookie = "saved_draft=; Max-Age=0; Path=/; SameSite=Lax";
}

initialize("form[data-draft]", (form) => {
  const isFresh = hasOnlyTab && !findAll("[aria-invalid=true], [role=alert]:not([hidden])", form).length;
  const restored = isFresh ? restore(form) : [];
  for (const type of ["input", "change"]) form.addEventListener(type, () => isRestoring || store(form));
  // after htmx, which starts in an earlier timer: options of the provider follow these events
  setTimeout(() => {
    isRestoring = true;
    for (const field of restored) field.dispatchEvent(new Event("input", { bubbles: true }));
    isRestoring = false;
  });
});

document.addEventListener("htmx:finally:request", ({ target, detail }) => {
  const form = target.closest?.("form[data-draft]");
  if (form && detail.ctx?.request?.method === "POST" && form === target && detail.ctx.response?.status < 300) {
    sessionStorage.removeItem(key(form));
  }
});
