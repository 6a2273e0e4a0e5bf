// data-confirm on a form or its button: asks in our own dialog before anything is sent.
import { one } from "./dom.js";

const sure = new WeakSet();

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    const dialog = one("#sure");
    if (!question || !dialog || sure.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    one("[data-question]", dialog).textContent = question;
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener(
      "close",
      () => {
        if (dialog.returnValue !== "yes") return;
        sure.add(form);
        form.requestSubmit(event.submitter);
      },
      { once: true },
    );
  },
  true,
);
