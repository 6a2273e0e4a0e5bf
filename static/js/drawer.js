// Keep the focus inside the open drawer (a popover), and close it where the sidebar is shown.
import { findAll, find } from "./dom.js";

const drawer = find("#side");
const isWide = matchMedia("(min-width: 768px)");

function keepFocus(event) {
  if (event.key !== "Tab" || !drawer.matches(":popover-open")) return;
  const focusable = findAll("a[href], button:not([disabled])", drawer).filter((element) => element.checkVisibility());
  const [first, last] = [focusable.at(0), focusable.at(-1)];
  if (event.shiftKey && document.activeElement === first) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}

if (drawer) {
  drawer.addEventListener("keydown", keepFocus);
  drawer.addEventListener("toggle", (event) => {
    if (event.newState === "open") find(".nav a", drawer)?.focus({ preventScroll: true });
  });
  isWide.addEventListener("change", () => {
    if (isWide.matches && drawer.matches(":popover-open")) drawer.hidePopover();
  });
}
