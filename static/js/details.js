// Keep <details> as the user left them when htmx replaces their surroundings; open them if they contain an error.
import { on } from "./dom.js";

const ERRORS = "[role=alert], [aria-invalid=true]";
const toggled = new WeakSet();

on("click", "details > summary", (event, summary) => toggled.add(summary.parentElement));

globalThis.htmx?.registerExtension("details", {
  htmx_before_morph_node(old, { newNode }) {
    if (toggled.has(old)) newNode.open = old.open || Boolean(newNode.querySelector(ERRORS));
  },
});
