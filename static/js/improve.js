// Accept, undo or discard the words suggested for a prompt.
import { find, on } from "./dom.js";

const before = new WeakMap(); // suggestion → the words that it replaced

function write(text) {
  const area = find("#prompt");
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function show(suggestion, isUsed) {
  for (const child of suggestion.children) {
    if (child.matches("textarea, input")) continue;
    child.hidden = child.matches("[data-improved-undo]") ? !isUsed : isUsed;
  }
}

on("click", "[data-use-improved]", (event, button) => {
  const suggestion = button.closest("[data-improved]");
  before.set(suggestion, find("#prompt").value);
  write(find("[data-improved-text]", suggestion).value);
  show(suggestion, true);
});

on("click", "[data-undo-improved]", (event, button) => {
  const suggestion = button.closest("[data-improved]");
  write(before.get(suggestion));
  show(suggestion, false);
});

on("click", "[data-discard-improved]", (event, button) => {
  button.closest("[data-improved]").remove();
  find("#prompt").focus();
});
