// Composer forms: Ctrl+Enter submits, and a second submit waits for the first.
import { initialize, on } from "./dom.js";

on("keydown", "form[data-composer]", (event, form) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
});

initialize("form[data-composer]", (form) => {
  const button = form.querySelector("[type=submit]");
  const setBusy = (isBusy) => {
    button.setAttribute("aria-busy", String(isBusy));
    form.toggleAttribute("data-busy", isBusy);
  };
  form.addEventListener(
    "submit",
    (event) => {
      if (!form.hasAttribute("data-busy")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  form.addEventListener("htmx:before:request", (event) => event.target === form && setBusy(true));
  form.addEventListener("htmx:finally:request", (event) => event.target === form && setBusy(false));
});

// remove the empty state when a job is added
document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector("#live > .job")) document.querySelector("#live ~ .empty")?.remove();
});
