// How much of a text area is used.
import { each, one } from "./dom.js";

each("textarea[data-count]", (area) => {
  const place = one(area.dataset.count);
  const say = () => {
    if (place) place.textContent = `${area.value.length} / ${area.maxLength}`;
  };
  area.addEventListener("input", say);
  area.form?.addEventListener("reset", () => setTimeout(say));
  say();
});
