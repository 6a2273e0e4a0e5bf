// Order the works of a playlist by drag and touch; the buttons beside each work do the same.
import { prefersReducedMotion } from "./dom.js";

export function enableOrdering(list) {
  const send = (order) =>
    globalThis.htmx.ajax("POST", list.dataset.playlistOrder, {
      source: list,
      target: list,
      swap: "outerHTML",
      values: { codes: order.join() },
    });
  const read = () => [...list.querySelectorAll("[data-code]")].map(({ dataset }) => dataset.code);
  const sortable = globalThis.Sortable.create(list, {
    handle: ".grip",
    draggable: "[data-code]",
    dataIdAttr: "data-code",
    animation: prefersReducedMotion() ? 0 : 83,
    delay: 180,
    delayOnTouchOnly: true,
    touchStartThreshold: 4,
    forceFallback: true,
    onStart: () => (list.orderBefore = sortable.toArray()),
    onEnd: ({ oldIndex, newIndex }) => oldIndex !== newIndex && send(read()),
  });
  // a refused order: put the works back
  list.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (!(ctx?.response?.status < 400) && list.orderBefore) sortable.sort(list.orderBefore);
  });
}
