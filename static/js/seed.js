// Pick a random seed, or clear it.
import { on, find } from "./dom.js";

const LIMIT = 2 ** 31;
const findField = (button) => find("input[data-seed]", button.closest(".field, form"));

function setSeed(button, value) {
  const seed = findField(button);
  if (!seed) return;
  seed.value = value;
  seed.dispatchEvent(new Event("change", { bubbles: true }));
}

on("click", "[data-random-seed]", (event, button) => setSeed(button, crypto.getRandomValues(new Uint32Array(1))[0] % LIMIT));
on("click", "[data-clear-seed]", (event, button) => setSeed(button, ""));
