// Show the length of the slider in seconds and frames.
import { initialize, find, message } from "./dom.js";

const FPS = 24;

initialize("input[data-length-slider]", (slider) => {
  const output = find("[data-length-text]", slider.closest("fieldset") ?? document);
  const update = () => {
    const text = message("length").replace("{seconds}", slider.value).replace("{frames}", slider.value * FPS);
    if (output) output.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    slider.parentElement.style.setProperty("--steps", slider.max - slider.min);
  };
  slider.addEventListener("input", update);
  update();
});
