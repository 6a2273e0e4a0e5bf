// Append suggested words to the prompt, or to the field data-into, with a Latin or Chinese comma.
import { on, find } from "./dom.js";

on("click", "[data-suggestion]", (event, button) => {
  const prompt = find(button.dataset.into ?? "#prompt");
  if (!prompt) return;
  const before = prompt.value.trimEnd();
  const isChinese = /[\u3000-\u9fff]$/u.test(before) || (!before && /[\u3000-\u9fff]/u.test(button.dataset.suggestion));
  const comma = !before || /[,.;，。；、]$/u.test(before) ? (before && !isChinese ? " " : "") : isChinese ? "，" : ", ";
  prompt.value = before + comma + button.dataset.suggestion;
  button.closest("[popover]")?.hidePopover();
  prompt.focus();
  prompt.setSelectionRange(prompt.value.length, prompt.value.length);
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
});
