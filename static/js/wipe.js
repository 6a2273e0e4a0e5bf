// The red line between pencil and film follows the range.
import { each } from "./dom.js";

each("input[data-wipe]", (range) => {
  const move = () => range.parentElement.style.setProperty("--x", `${range.value}%`);
  range.addEventListener("input", move);
  move();
});
