// Insert a template or snippet into a prompt: type "/" and some words, or press the button. Tab then goes from blank to
// blank: {place}.
import { find, initialize, on } from "./dom.js";
import { close, isOpenFor, open, replaceBeforeCaret } from "./suggestion-list.js";

const START = /(?:^|(?<=[\s,.;，。；、]))\/([^\n/]{0,40})$/u;
const BLANK = /\{[^{}\n]{1,40}\}/gu;
const SHOWN = 12;
let items = null; // of the server, once for the page

async function load(address) {
  items ??= fetch(address, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : { items: [] }))
    .then((found) => found.items)
    .catch(() => []);
  return items;
}

function selectBlank(area, from) {
  const blanks = [...area.value.matchAll(BLANK)];
  const next = blanks.find((blank) => blank.index >= from) ?? blanks[0];
  if (!next) return false;
  area.setSelectionRange(next.index, next.index + next[0].length);
  return true;
}

function insert(area, item) {
  const start = area.value.slice(0, area.selectionStart).replace(START, "").length;
  const room = area.maxLength > 0 ? area.maxLength - start - (area.value.length - area.selectionStart) : Infinity;
  replaceBeforeCaret(area, START, item.text.slice(0, room));
  if (item.text.match(BLANK)) selectBlank(area, start);
}

function matches(item, words) {
  const text = `${item.title} ${item.group} ${item.text}`.toLocaleLowerCase();
  return words.split(/\s+/u).every((word) => text.includes(word));
}

async function suggest(area) {
  const match = START.exec(area.value.slice(0, area.selectionStart));
  if (!match) {
    if (isOpenFor(area, "insert")) close();
    return;
  }
  const found = (await load(area.dataset.insert)).filter((item) => matches(item, match[1].toLocaleLowerCase()));
  if (document.activeElement !== area || !START.test(area.value.slice(0, area.selectionStart))) return;
  if (!found.length) {
    close();
    return;
  }
  const rows = found.slice(0, SHOWN).map((item) => ({ text: item.title, note: item.group, pick: () => insert(area, item) }));
  open(area, rows, area.dataset.insertLabel, "insert");
}

on("input", "textarea[data-insert]", (event, area) => event.isComposing || event.inputType === undefined || suggest(area));

on("compositionend", "textarea[data-insert]", (event, area) => suggest(area));

on("click", "[data-insert-into]", (event, button) => {
  const area = find(button.dataset.insertInto);
  area.focus();
  const before = area.value.slice(0, area.selectionStart);
  replaceBeforeCaret(area, /$/, before && !/\s$/u.test(before) ? " /" : "/");
  suggest(area);
});

document.addEventListener("keydown", (event) => {
  const area = event.target;
  if (event.key !== "Tab" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
  if (!area.matches?.("textarea[data-insert]")) return;
  const blanks = [...area.value.matchAll(BLANK)];
  if (blanks.some((blank) => blank.index >= area.selectionEnd) && selectBlank(area, area.selectionEnd)) event.preventDefault();
});

// words that came with blanks, from the page of prompts
initialize("textarea[data-insert]", (area) => {
  if (new URLSearchParams(location.search).has("words") && area.value.match(BLANK)) {
    area.focus();
    selectBlank(area, 0);
  }
});
