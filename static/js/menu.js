// Menus: arrow keys move the focus; without CSS anchors the menu is placed at its button.
import { findAll, on, find } from "./dom.js";

const ITEMS = "a[href], button:not([disabled])";
const canAnchor = CSS.supports("position-area", "block-end");
let lastPressed = null;

on("click", "[popovertarget]", (event, button) => {
  lastPressed = button;
});

function place(menu) {
  const button = lastPressed ?? find(`[popovertarget="${menu.id}"]`);
  const box = button.getBoundingClientRect();
  const isLow = box.bottom + menu.offsetHeight + 8 > innerHeight;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${isLow ? box.top - menu.offsetHeight - 8 : box.bottom}px`;
}

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.(".menu[popover]") || event.newState !== "open") return;
    if (!canAnchor) place(event.target);
    find(ITEMS, event.target)?.focus({ preventScroll: true });
  },
  true,
);

on("keydown", ".menu", (event, menu) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = findAll(ITEMS, menu);
  const next = (items.indexOf(document.activeElement) + step + items.length) % items.length;
  items[next].focus();
});

// in the menu of workspaces a digit switches at once; a first letter moves the focus
on("keydown", ".switcher", (event, menu) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  const digit = find(`[data-digit="${CSS.escape(event.key)}"]`, menu);
  if (digit) digit.click();
  const named = findAll("[data-digit]", menu).filter((item) =>
    find("b", item).textContent.toLowerCase().startsWith(event.key.toLowerCase()),
  );
  (named[named.indexOf(document.activeElement) + 1] ?? named[0])?.focus();
});
