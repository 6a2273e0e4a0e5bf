// Keyboard shortcuts: N new, / search, ? list, G and a letter to open a page or the workspaces. Off while typing and by a setting (WCAG 2.1.4).
import { findAll, isTyping, find } from "./dom.js";

const CHORD_MS = 900;
let chordAt = 0;

function openPage(letter) {
  const link = findAll("[data-go]").find(({ dataset }) => dataset.go === letter);
  link?.click(); // a link, or the button of the workspaces
  return Boolean(link);
}

function handleKey(key) {
  if (Date.now() - chordAt < CHORD_MS) {
    chordAt = 0;
    if (openPage(key)) return true;
  }
  if (key === "g") {
    chordAt = Date.now();
    return true;
  }
  if (key === "?") {
    find("#keys")?.showModal();
    return true;
  }
  if (key === "/") {
    const search = find("input[type=search]");
    search?.focus();
    return Boolean(search);
  }
  const link = find(`[data-key="${CSS.escape(key)}"]`);
  link?.click();
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
  if (!isPlain || event.defaultPrevented || isTyping(event.target)) return;
  if (document.body.dataset.shortcuts === "off" || find("dialog:modal") || event.target.closest?.("cel-player")) return;
  if (handleKey(event.key.toLowerCase())) event.preventDefault();
});
