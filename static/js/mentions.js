// Suggest characters for @names in the prompt of a scene, by keyboard or mouse.
import { find } from "./dom.js";

let list = null;
let field = null;
let index = -1;

const names = () => [...document.querySelectorAll("#mention-names option")].map((option) => option.value);

function matchMention(area) {
  return /(?:^|[^\w.])@([^\s@]{0,40})$/.exec(area.value.slice(0, area.selectionStart));
}

function close() {
  list?.remove();
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  list = null;
  index = -1;
}

function select(position) {
  const rows = [...list.children];
  index = (position + rows.length) % rows.length;
  rows.forEach((row, n) => row.setAttribute("aria-selected", String(n === index)));
  field.setAttribute("aria-activedescendant", rows[index].id);
}

function choose(name) {
  const before = field.value.slice(0, field.selectionStart).replace(/@[^\s@]*$/, `@${name} `);
  const after = field.value.slice(field.selectionStart);
  field.value = before + after;
  field.setSelectionRange(before.length, before.length);
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function open(area, matches) {
  close();
  field = area;
  list = document.createElement("ul");
  Object.assign(list, { className: "mention", id: "mention-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", area.labels?.[0]?.textContent ?? "@");
  matches.forEach((name, n) => {
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
  select(0);
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("textarea[name=prompt]") || !find("#mention-names")) return;
  const matches = matchMention(target);
  const start = matches?.[1].toLocaleLowerCase();
  const suggestions = matches ? names().filter((name) => name.toLocaleLowerCase().startsWith(start)).slice(0, 8) : [];
  if (suggestions.length && !(suggestions.length === 1 && suggestions[0].toLocaleLowerCase() === start)) open(target, suggestions);
  else close();
});

document.addEventListener(
  "keydown",
  (event) => {
    if (!list || event.target !== field || event.isComposing) return;
    const actions = {
      ArrowDown: () => select(index + 1),
      ArrowUp: () => select(index - 1),
      Enter: () => choose(list.children[index].textContent),
      Tab: () => choose(list.children[index].textContent),
      Escape: close,
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  },
  true,
);

document.addEventListener("focusout", ({ target }) => target === field && close());
