// Apply the widths of the timesheet, which the content security policy allows only through the CSSOM.
import { initialize } from "./dom.js";

const widths = { "data-duration": "--duration", "data-total-seconds": "--total-seconds" };

function setWidths(element) {
  for (const [name, property] of Object.entries(widths)) {
    if (element.hasAttribute(name)) element.style.setProperty(property, element.getAttribute(name));
  }
}

initialize("[data-strip], [data-strip] [data-duration]", setWidths);
new MutationObserver((records) => {
  for (const { target } of records) if (target.closest("[data-strip]")) setWidths(target);
}).observe(document.documentElement, { attributes: true, attributeFilter: Object.keys(widths), subtree: true });
