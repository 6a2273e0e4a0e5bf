// A list of suggestions below a text area, chosen by keyboard, mouse or touch. One at a time.
let list = null;
let field = null;
let index = -1;

/** Returns whether the list of that kind is open below the text area. */
export const isOpenFor = (area, kind) => field === area && list?.dataset.kind === kind;

export function close() {
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
  rows[index].scrollIntoView({ block: "nearest" });
}

function choose(position) {
  const { pick } = list.children[position];
  close();
  pick();
}

/** Opens a list of that kind for the text area: `rows` are {text, note, pick}, where `pick()` is called for the chosen one. */
export function open(area, rows, label, kind) {
  close();
  field = area;
  list = document.createElement("ul");
  Object.assign(list, { className: "mention", id: "suggestion-list" });
  list.dataset.kind = kind;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  rows.forEach(({ text, note, pick }, n) => {
    const row = document.createElement("li");
    Object.assign(row, { id: `suggestion-${n}`, textContent: text, pick });
    if (note) row.append(Object.assign(document.createElement("small"), { textContent: note }));
    row.setAttribute("role", "option");
    row.addEventListener("pointerdown", (event) => event.preventDefault()); // the text area keeps the focus
    row.addEventListener("click", () => choose(n));
    list.append(row);
  });
  area.after(list);
  area.setAttribute("aria-controls", list.id);
  select(0);
}

/** Replaces the text before the caret that matches `start` by `text`, and tells the form. */
export function replaceBeforeCaret(area, start, text) {
  const at = area.selectionStart;
  const before = area.value.slice(0, at).replace(start, "");
  area.setRangeText(text, before.length, at, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!list || event.target !== field || event.isComposing) return;
    const actions = {
      ArrowDown: () => select(index + 1),
      ArrowUp: () => select(index - 1),
      Enter: () => choose(index),
      Tab: () => choose(index),
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
