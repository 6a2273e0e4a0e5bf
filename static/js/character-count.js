// Show how many characters of a text area are used.
import { initialize, find } from "./dom.js";

initialize("textarea[data-count]", (area) => {
  const output = find(area.dataset.count);
  const update = () => {
    if (output) output.textContent = `${area.value.length} / ${area.maxLength}`;
  };
  area.addEventListener("input", update);
  area.form?.addEventListener("reset", () => setTimeout(update));
  update();
});
