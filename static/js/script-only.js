// Show controls that need scripts.
import { initialize } from "./dom.js";

initialize("[data-js]", (element) => {
  element.hidden = false;
});
