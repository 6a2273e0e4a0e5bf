// The composer: Ctrl+Enter sends, and a second press waits for the first.
import { each, on } from "./dom.js";

on("keydown", "form[data-composer]", (event, form) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
});

each("form[data-composer]", (form) => {
  const button = form.querySelector("[type=submit]");
  const busy = (isBusy) => {
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
  form.addEventListener("htmx:before:request", (event) => event.target === form && busy(true));
  form.addEventListener("htmx:finally:request", (event) => event.target === form && busy(false));
});

// an empty table is empty no longer
document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector("#live > .job")) document.querySelector("#live ~ .empty")?.remove();
});
