// Controls that only make sense where scripts run.
import { each } from "./dom.js";

each("[data-js]", (element) => {
  element.hidden = false;
});
