// data-confirm on a form or its button: asks in our own dialog before anything is sent.
import { one } from "./dom.js";

const sure = new WeakSet();

/** Resolves to whether the person is sure. */
export function ask(question) {
  const dialog = one("#sure");
  one("[data-question]", dialog).textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const { submitter } = event;
    const question = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || !one("#sure") || sure.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(question))) return;
    sure.add(form);
    form.requestSubmit(submitter);
  },
  true,
);
