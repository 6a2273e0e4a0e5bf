// The ruler says its length in seconds and frames.
import { each, one, word } from "./dom.js";

const FPS = 24;

each("input[data-ruler]", (ruler) => {
  const place = one("[data-ruler-words]", ruler.closest("fieldset") ?? document);
  const say = () => {
    const words = word("length").replace("{seconds}", ruler.value).replace("{frames}", ruler.value * FPS);
    if (place) place.textContent = words;
    ruler.setAttribute("aria-valuetext", words);
    ruler.parentElement.style.setProperty("--steps", ruler.max - ruler.min);
  };
  ruler.addEventListener("input", say);
  say();
});
