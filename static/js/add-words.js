// Adds a suggested word to the prompt, as one would type it: after what is there, with a comma of its script.
import { on, one } from "./dom.js";

on("click", "[data-add-words]", (event, button) => {
  const prompt = one("#prompt");
  if (!prompt) return;
  const before = prompt.value.trimEnd();
  const isChinese = /[\u3000-\u9fff]$/u.test(before) || (!before && /[\u3000-\u9fff]/u.test(button.dataset.addWords));
  const comma = !before || /[,.;，。；、]$/u.test(before) ? (before && !isChinese ? " " : "") : isChinese ? "，" : ", ";
  prompt.value = before + comma + button.dataset.addWords;
  button.closest("[popover]")?.hidePopover();
  prompt.focus();
  prompt.setSelectionRange(prompt.value.length, prompt.value.length);
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
});
