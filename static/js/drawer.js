// The drawer opens by itself (it is a popover); here it keeps the focus inside and gives way to the sidebar.
import { all, one } from "./dom.js";

const drawer = one("#side");
const isWide = matchMedia("(min-width: 768px)");

function keepFocus(event) {
  if (event.key !== "Tab" || !drawer.matches(":popover-open")) return;
  const stops = all("a[href], button:not([disabled])", drawer).filter((stop) => stop.checkVisibility());
  const [first, last] = [stops.at(0), stops.at(-1)];
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
    if (event.newState === "open") one(".nav a", drawer)?.focus({ preventScroll: true });
  });
  isWide.addEventListener("change", () => {
    if (isWide.matches && drawer.matches(":popover-open")) drawer.hidePopover();
  });
}
