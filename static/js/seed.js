// A seed is random until a die fixes it.
import { on, one } from "./dom.js";

const LIMIT = 2 ** 31;
const field = (button) => one("input[data-seed]", button.closest(".field, form"));

function put(button, value) {
  const seed = field(button);
  if (!seed) return;
  seed.value = value;
  seed.dispatchEvent(new Event("change", { bubbles: true }));
}

on("click", "[data-dice]", (event, button) => put(button, crypto.getRandomValues(new Uint32Array(1))[0] % LIMIT));
on("click", "[data-unlock]", (event, button) => put(button, ""));
