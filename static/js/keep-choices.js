// Keep what was chosen while a part of the form was being redrawn: the response shows the form as it was sent, so a
// newer choice in that part makes the element ask again. ``data-redraws`` names the parts that its responses replace.
import { findAll } from "./dom.js";

const sent = new WeakMap(); // request → values of the parts when it was sent

/** Returns the values of the fields in the parts that responses to the element replace. */
function readParts(element) {
  const parts = element.dataset.redraws.split(" ").flatMap((part) => findAll(`${part} :is(input, select, textarea)`));
  const values = parts.map(({ name, type, value, checked }) =>
    type === "radio" || type === "checkbox" ? [name, value, checked] : [name, value],
  );
  return JSON.stringify(values);
}

document.addEventListener("htmx:config:request", ({ target, detail: { ctx } }) => {
  if (target.matches?.("[data-redraws]")) sent.set(ctx, readParts(target));
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const element = ctx?.sourceElement;
  if (!sent.has(ctx) || sent.get(ctx) === readParts(element)) return;
  event.preventDefault();
  element.dispatchEvent(new CustomEvent("redraw"));
});
