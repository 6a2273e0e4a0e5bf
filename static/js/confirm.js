// Ask in a dialog before a form with data-confirm is submitted.
import { find } from "./dom.js";

const confirmed = new WeakSet();

/** Resolves to whether the user confirms. */
export function askToConfirm(question) {
  const dialog = find("#confirm-dialog");
  find("[data-question]", dialog).textContent = question;
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
    if (!question || !find("#confirm-dialog") || confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await askToConfirm(question))) return;
    confirmed.add(form);
    form.requestSubmit(submitter);
  },
  true,
);
