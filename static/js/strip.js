// The timesheet's widths come from the server as numbers and belong in the style: through the CSSOM, as the policy allows.
import { each } from "./dom.js";

const widths = { "data-d": "--d", "data-tot": "--tot" };

function set(element) {
  for (const [name, property] of Object.entries(widths)) {
    if (element.hasAttribute(name)) element.style.setProperty(property, element.getAttribute(name));
  }
}

each("[data-strip], [data-strip] [data-d]", set);
new MutationObserver((records) => {
  for (const { target } of records) if (target.closest("[data-strip]")) set(target);
}).observe(document.documentElement, { attributes: true, attributeFilter: Object.keys(widths), subtree: true });
