// @names in the words of a scene: a list of who can be meant, by keyboard or by mouse. Written by hand it works alike.
import { one } from "./dom.js";

let list = null;
let field = null;
let at = -1;

const names = () => [...document.querySelectorAll("#mention-names option")].map((each) => each.value);

function typed(area) {
  return /(?:^|[^\w.])@([^\s@]{0,40})$/.exec(area.value.slice(0, area.selectionStart));
}

function close() {
  list?.remove();
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  list = null;
  at = -1;
}

function point(to) {
  const rows = [...list.children];
  at = (to + rows.length) % rows.length;
  rows.forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
  field.setAttribute("aria-activedescendant", rows[at].id);
}

function choose(name) {
  const before = field.value.slice(0, field.selectionStart).replace(/@[^\s@]*$/, `@${name} `);
  const after = field.value.slice(field.selectionStart);
  field.value = before + after;
  field.setSelectionRange(before.length, before.length);
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function open(area, found) {
  close();
  field = area;
  list = document.createElement("ul");
  Object.assign(list, { className: "mention", id: "mention-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", area.labels?.[0]?.textContent ?? "@");
  found.forEach((name, n) => {
    const row = document.createElement("li");
    Object.assign(row, { id: `mention-${n}`, textContent: name });
    row.setAttribute("role", "option");
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(name);
    });
    list.append(row);
  });
  area.after(list);
  area.setAttribute("aria-controls", list.id);
  point(0);
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("textarea[name=prompt]") || !one("#mention-names")) return;
  const found = typed(target);
  const start = found?.[1].toLocaleLowerCase();
  const meant = found ? names().filter((name) => name.toLocaleLowerCase().startsWith(start)).slice(0, 8) : [];
  if (meant.length && !(meant.length === 1 && meant[0].toLocaleLowerCase() === start)) open(target, meant);
  else close();
});

document.addEventListener(
  "keydown",
  (event) => {
    if (!list || event.target !== field || event.isComposing) return;
    const acts = {
      ArrowDown: () => point(at + 1),
      ArrowUp: () => point(at - 1),
      Enter: () => choose(list.children[at].textContent),
      Tab: () => choose(list.children[at].textContent),
      Escape: close,
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  },
  true,
);

document.addEventListener("focusout", ({ target }) => target === field && close());
