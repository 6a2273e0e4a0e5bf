// What only the library's wall needs.
import { initialize } from "./dom.js";
import { returnToPlace } from "./wall-return.js";
import { keepFewRows } from "./wall-window.js";
import "./wall-links.js";
import "./wall-select.js";

initialize("[data-wall]", (wall) => {
  returnToPlace(wall);
  keepFewRows(wall);
});
