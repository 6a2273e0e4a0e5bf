// A half-filled form survives a reload of this tab and the way from one of its tabs to another. What the server put into a
// field on purpose (a link, an error) wins. It is given back only to whoever wrote it: others may sign in in this tab.
import { each, all } from "./dom.js";

const SKIPPED = "[type=hidden], [type=password], [type=file], [data-draft-skip]";
const mine = `draft:${document.body.dataset.person ?? ""}:`;
const key = (form) => mine + form.dataset.draft;
const fields = (form) => [...form.elements].filter((field) => field.name && !field.matches(SKIPPED));
const isTick = (field) => field.type === "radio" || field.type === "checkbox";

// of radios only the chosen one: another model may ask for the same thing by a ruler, which would take any of them
const isKept = (field) => field.type !== "radio" || field.checked;

function keep(form) {
  const kept = fields(form).filter(isKept).map((field) => [field.name, field.value, isTick(field) ? field.checked : null]);
  sessionStorage.setItem(key(form), JSON.stringify(kept));
}

const address = new URLSearchParams(location.search);
const isOnlyATab = [...address.keys()].every((name) => name === "tab");
let isTelling = false; // while htmx hears of what came back: by then not all of it is drawn, and none of it is lost
const WORDS = ["prompt", "negative_prompt", "style"]; // who draws videos anew, and how long, is another question

/** The fields that got their value back. */
function restore(form) {
  const stored = JSON.parse(sessionStorage.getItem(key(form)) ?? "[]");
  const kept = address.get("tab") === "video" ? stored.filter(([name]) => WORDS.includes(name)) : stored;
  const found = [];
  for (const [name, value, isTicked] of kept) {
    const field = fields(form).find((each) => each.name === name && (!isTick(each) || each.value === value));
    if (!field || field.disabled) continue;
    if (isTick(field)) field.checked = isTicked;
    else if (value) field.value = value;
    found.push(field);
  }
  return found;
}

// what a plain form brought is kept by now, says the answer to it (common/htmx.py)
const savedDraft = /(?:^|; )saved_draft=([\w-]+)/.exec(document.cookie)?.[1];
if (savedDraft) {
  sessionStorage.removeItem(mine + savedDraft);
  document.cookie = "saved_draft=; Max-Age=0; Path=/; SameSite=Lax";
}

each("form[data-draft]", (form) => {
  const isFresh = isOnlyATab && !all("[aria-invalid=true], [role=alert]:not([hidden])", form).length;
  const found = isFresh ? restore(form) : [];
  for (const type of ["input", "change"]) form.addEventListener(type, () => isTelling || keep(form));
  // htmx begins to listen in a timer that it set before this file ran: what hangs on an engine would not be redrawn
  setTimeout(() => {
    isTelling = true;
    for (const field of found) field.dispatchEvent(new Event("input", { bubbles: true }));
    isTelling = false;
  });
});

document.addEventListener("htmx:finally:request", ({ target, detail }) => {
  const form = target.closest?.("form[data-draft]");
  if (form && detail.ctx?.request?.method === "POST" && form === target && detail.ctx.response?.status < 300) {
    sessionStorage.removeItem(key(form));
  }
});
