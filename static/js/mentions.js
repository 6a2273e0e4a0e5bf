// Suggest characters for @names in the prompt of a scene.
import { find } from "./dom.js";
import { close, isOpenFor, open, replaceBeforeCaret } from "./suggestion-list.js";

const MENTION = /(?:^|[^\w.])@([^\s@]{0,40})$/;
const names = () => [...document.querySelectorAll("#mention-names option")].map((option) => option.value);

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("textarea[name=prompt]") || !find("#mention-names")) return;
  const match = MENTION.exec(target.value.slice(0, target.selectionStart));
  if (!match) {
    if (isOpenFor(target, "mentions")) close();
    return;
  }
  const start = match[1].toLocaleLowerCase();
  const found = names().filter((name) => name.toLocaleLowerCase().startsWith(start)).slice(0, 8);
  const isWhole = found.length === 1 && found[0].toLocaleLowerCase() === start;
  if (!found.length || isWhole) {
    close();
    return;
  }
  const rows = found.map((name) => ({ text: name, pick: () => replaceBeforeCaret(target, /@[^\s@]*$/, `@${name} `) }));
  open(target, rows, target.labels?.[0]?.textContent ?? "@", "mentions");
});
