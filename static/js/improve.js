// Accept, undo or discard the words suggested for the prompt of the same form.
import { find, on } from "./dom.js";

const before = new WeakMap(); // suggestion → the words that it replaced

const findArea = (suggestion) => find("textarea[name=prompt]", suggestion.closest("form"));

function write(suggestion, text) {
  const area = findArea(suggestion);
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
  before.set(suggestion, findArea(suggestion).value);
  write(suggestion, find("[data-improved-text]", suggestion).value);
  show(suggestion, true);
});

on("click", "[data-undo-improved]", (event, button) => {
  const suggestion = button.closest("[data-improved]");
  write(suggestion, before.get(suggestion));
  show(suggestion, false);
});

on("click", "[data-discard-improved]", (event, button) => {
  const suggestion = button.closest("[data-improved]");
  const area = findArea(suggestion);
  suggestion.remove();
  area.focus();
});

// the button of an image may be far from the prompt, on a phone
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const panel = find("#improved");
  if (panel?.firstElementChild && ctx?.sourceElement?.closest(".describe")) panel.scrollIntoView({ block: "nearest" });
});
