// Open dialogs by data-open, and close them by a click outside where the browser lacks closedby.
import { on, find } from "./dom.js";

on("click", "[data-open]", (event, button) => {
  const dialog = find(`#${button.dataset.open}`);
  if (!dialog) return;
  event.preventDefault();
  button.closest("[popover]")?.hidePopover();
  dialog.showModal();
});

// a form with data-closes-dialog closes its dialog when the server accepted it
on("htmx:after:request", "[data-closes-dialog]", ({ detail: { ctx } }, form) => {
  if (ctx?.response?.status < 400) form.closest("dialog")?.close();
});

if (!("closedBy" in HTMLDialogElement.prototype)) {
  on("click", "dialog[closedby=any]", (event, dialog) => {
    if (event.target === dialog) dialog.close();
  });
}
