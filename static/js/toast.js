// Remove toasts after a while, but not under the pointer or with the focus.
import { findAll, initialize, on, find } from "./dom.js";

const DURATION_MS = 6000;
const LONG_DURATION_MS = 15000;

/** Shows a message. One that is shown already is replaced: one click may send several requests that fail alike. */
export function toast(text, look = "") {
  const element = find("#toast")?.content.firstElementChild.cloneNode(true);
  if (!element) return;
  const [same] = findAll("#toasts [data-toast]").filter((shown) => shown.firstElementChild.textContent === text);
  same?.remove();
  if (look) element.classList.add(look);
  element.firstElementChild.textContent = text;
  find("#toasts").append(element);
}

initialize("#toasts [data-toast]", (element) => {
  const duration = find("form", element) || element.classList.contains("bad") ? LONG_DURATION_MS : DURATION_MS;
  const removeLater = () => (element.matches(":hover, :focus-within") ? setTimeout(removeLater, 2000) : element.remove());
  setTimeout(removeLater, duration);
});

on("click", "[data-toast-close]", (event, button) => button.closest("[data-toast]").remove());

// elements outside an open dialog are inert: toasts move into it, and back when it closes
initialize("#toasts [data-toast]", () => {
  const dialog = findAll("dialog:modal").at(-1);
  if (dialog && !dialog.contains(find("#toasts"))) dialog.append(find("#toasts"));
});
document.addEventListener("close", ({ target }) => target.contains(find("#toasts")) && document.body.append(find("#toasts")), true);
