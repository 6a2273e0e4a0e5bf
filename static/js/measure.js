// Measures that come from the server as data and belong in the style: set through the CSSOM, which the content policy allows.
import { all, each } from "./dom.js";

const set = (element) => element.style.setProperty("--p", `${Number(element.dataset.progress) || 0}%`);

each("[data-progress]", set);
new MutationObserver((records) =>
  records.forEach(({ target }) => target.dataset.progress !== undefined && set(target)),
).observe(document.documentElement, { attributes: true, attributeFilter: ["data-progress"], subtree: true });
// a page that comes back from the history has kept its numbers but not its styles
addEventListener("pageshow", () => all("[data-progress]").forEach(set));
