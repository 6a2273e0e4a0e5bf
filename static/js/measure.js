// Measures that come from the server as data and belong in the style: set through the CSSOM, which the content policy allows.
import { all, each } from "./dom.js";

const set = (element) => element.style.setProperty("--p", `${Number(element.dataset.progress) || 0}%`);

each("[data-progress]", set);
// the colour of a picture stands in its frame until the picture is there
const tint = (frame) => (frame.style.backgroundColor = frame.dataset.colour);
each("[data-colour]", tint);
new MutationObserver((records) =>
  records.forEach(({ target, attributeName }) => {
    if (!target.hasAttribute(attributeName)) return;
    if (attributeName === "data-colour") tint(target);
    else set(target);
  }),
).observe(document.documentElement, { attributes: true, attributeFilter: ["data-progress", "data-colour"], subtree: true });
// a page that comes back from the history has kept its numbers but not its styles
addEventListener("pageshow", () => {
  all("[data-progress]").forEach(set);
  all("[data-colour]").forEach(tint);
});
