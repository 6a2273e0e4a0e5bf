// Apply numbers and colours in data attributes as styles, which the content security policy allows only through the CSSOM.
import { findAll, initialize } from "./dom.js";

const setProgress = (element) => element.style.setProperty("--p", `${Number(element.dataset.progress) || 0}%`);

initialize("[data-progress]", setProgress);
// a frame shows the colour of its image until the image is loaded
const setColour = (frame) => (frame.style.backgroundColor = frame.dataset.colour);
initialize("[data-colour]", setColour);
new MutationObserver((records) =>
  records.forEach(({ target, attributeName }) => {
    if (!target.hasAttribute(attributeName)) return;
    if (attributeName === "data-colour") setColour(target);
    else setProgress(target);
  }),
).observe(document.documentElement, { attributes: true, attributeFilter: ["data-progress", "data-colour"], subtree: true });
// a page restored from the history has lost its styles
addEventListener("pageshow", () => {
  findAll("[data-progress]").forEach(setProgress);
  findAll("[data-colour]").forEach(setColour);
});
