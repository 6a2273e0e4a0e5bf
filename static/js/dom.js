// Find elements, and handle elements that htmx or the socket add later.

export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Calls `handle(event, element)` for events on all matching elements, also on those added later. */
export function on(type, selector, handle, options) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target.closest?.(selector);
      if (element) handle(event, element);
    },
    options,
  );
}

const initializers = [];

/** Calls `setUp(element)` once for each matching element, also for those added later. */
export function initialize(selector, setUp) {
  const initialized = new WeakSet();
  const initializeOnce = (element) => {
    if (initialized.has(element)) return;
    initialized.add(element);
    setUp(element);
  };
  initializers.push({ selector, initializeOnce });
  findAll(selector).forEach(initializeOnce);
}

new MutationObserver((records) => {
  for (const record of records) {
    for (const node of record.addedNodes) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      for (const { selector, initializeOnce } of initializers) {
        if (node.matches(selector)) initializeOnce(node);
        findAll(selector, node).forEach(initializeOnce);
      }
    }
  }
}).observe(document.documentElement, { childList: true, subtree: true });

/** Returns a message in the language of the page (templates/_client_messages.html). */
export const message = (name) => find("#client-messages")?.dataset[name] ?? "";

export const isTyping = (target) =>
  target.isContentEditable ||
  Boolean(target.matches?.("textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=button])"));

export const prefersReducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
