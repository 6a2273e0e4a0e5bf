// Submit a form with data-once only once.
import { on } from "./dom.js";

on("submit", "form[data-once]", (event, form) => {
  if (form.hasAttribute("data-busy")) {
    event.preventDefault();
    return;
  }
  form.toggleAttribute("data-busy", true);
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once][data-busy]")) {
    form.removeAttribute("data-busy");
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
