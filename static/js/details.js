// What a person opened or closed stays so when its surroundings are drawn anew; where something is wrong inside, it opens.
import { on } from "./dom.js";

const TROUBLE = "[role=alert], [aria-invalid=true]";
const used = new WeakSet();

on("click", "details > summary", (event, summary) => used.add(summary.parentElement));

globalThis.htmx?.registerExtension("details", {
  htmx_before_morph_node(old, { newNode }) {
    if (used.has(old)) newNode.open = old.open || Boolean(newNode.querySelector(TROUBLE));
  },
});
