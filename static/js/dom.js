// Finding things, and hearing of things that htmx or the socket bring later.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Calls `act(event, element)` for events on any element that matches, now or later. */
export function on(type, selector, act, options) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target.closest?.(selector);
      if (element) act(event, element);
    },
    options,
  );
}

const arrivals = [];

/** Sets up each matching element once: those on the page, and those that arrive. */
export function each(selector, setUp) {
  const known = new WeakSet();
  const meet = (element) => {
    if (known.has(element)) return;
    known.add(element);
    setUp(element);
  };
  arrivals.push({ selector, meet });
  all(selector).forEach(meet);
}

new MutationObserver((records) => {
  for (const record of records) {
    for (const node of record.addedNodes) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      for (const { selector, meet } of arrivals) {
        if (node.matches(selector)) meet(node);
        all(selector, node).forEach(meet);
      }
    }
  }
}).observe(document.documentElement, { childList: true, subtree: true });

/** A sentence in the language of the page (templates/_client_words.html). */
export const word = (name) => one("#words")?.dataset[name] ?? "";

export const isTyping = (target) =>
  target.isContentEditable ||
  Boolean(target.matches?.("textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=button])"));

export const prefersStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
