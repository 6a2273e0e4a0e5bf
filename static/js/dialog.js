// Native dialogs: data-open opens one; a click beside it closes it where the browser does not know closedby.
import { on, one } from "./dom.js";

on("click", "[data-open]", (event, button) => {
  const dialog = one(`#${button.dataset.open}`);
  if (!dialog) return;
  event.preventDefault();
  button.closest("[popover]")?.hidePopover();
  dialog.showModal();
});

if (!("closedBy" in HTMLDialogElement.prototype)) {
  on("click", "dialog[closedby=any]", (event, dialog) => {
    if (event.target === dialog) dialog.close();
  });
}
