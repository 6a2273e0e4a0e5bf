// Slips of paper that go away by themselves, but never under the pointer or the focus.
import { all, each, on, one } from "./dom.js";

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

// over an open dialog everything else is out of reach: slips are laid into it, and back when it closes
each("#toasts [data-toast]", () => {
  const dialog = all("dialog:modal").at(-1);
  if (dialog && !dialog.contains(one("#toasts"))) dialog.append(one("#toasts"));
});
document.addEventListener("close", ({ target }) => target.contains(one("#toasts")) && document.body.append(one("#toasts")), true);
