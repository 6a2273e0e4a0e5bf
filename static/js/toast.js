// Slips of paper that go away by themselves, but never under the pointer or the focus.
import { each, on, one } from "./dom.js";

const STAY = 6000;
const STAY_WITH_DEED = 15000;

export function toast(text, look = "") {
  const slip = one("#toast")?.content.firstElementChild.cloneNode(true);
  if (!slip) return;
  if (look) slip.classList.add(look);
  slip.firstElementChild.textContent = text;
  one("#toasts").append(slip);
}

each("#toasts [data-toast]", (slip) => {
  const stay = one("form", slip) || slip.classList.contains("bad") ? STAY_WITH_DEED : STAY;
  const leave = () => (slip.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : slip.remove());
  setTimeout(leave, stay);
});

on("click", "[data-toast-close]", (event, button) => button.closest("[data-toast]").remove());
