// Single keys: N new, / search, ? the list, G then a letter to go. Off while typing, and off by a setting (WCAG 2.1.4).
import { all, isTyping, one } from "./dom.js";

const CHORD = 900;
let chordAt = 0;

function goTo(letter) {
  const link = all("[data-go]").find((each) => each.dataset.go === letter);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function press(key) {
  if (Date.now() - chordAt < CHORD) {
    chordAt = 0;
    if (goTo(key)) return true;
  }
  if (key === "g") {
    chordAt = Date.now();
    return true;
  }
  if (key === "?") {
    one("#keys")?.showModal();
    return true;
  }
  if (key === "/") {
    const search = one("input[type=search]");
    search?.focus();
    return Boolean(search);
  }
  const link = one(`[data-key="${CSS.escape(key)}"]`);
  link?.click();
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
  if (!isPlain || event.defaultPrevented || isTyping(event.target)) return;
  if (document.body.dataset.shortcuts === "off" || one("dialog:modal") || event.target.closest?.("cel-player")) return;
  if (press(event.key.toLowerCase())) event.preventDefault();
});
