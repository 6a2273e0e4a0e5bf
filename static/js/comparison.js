// Move the line between drawing and clip with the range.
import { initialize } from "./dom.js";

initialize("input[data-comparison]", (range) => {
  const move = () => range.parentElement.style.setProperty("--x", `${range.value}%`);
  range.addEventListener("input", move);
  move();
});
