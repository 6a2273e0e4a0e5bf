// What is written in a scene stays until it is saved: whatever would replace it waits, or asks, or is told no.
import { on, one, word } from "./dom.js";
import { isWritten, naming, settled, unsent } from "./autosave.js";
import { ask } from "./confirm.js";
import { toast } from "./toast.js";

/** True when all that was written is saved, or the person lets go of what cannot be. */
export async function mayLeave() {
  await settled();
  const left = unsent();
  return !left.length || ask(naming("leaveFields", left));
}

/** True when all that was written is saved; otherwise the page says what is not, and shows it. */
export async function isSaved() {
  await settled();
  const [first, ...more] = unsent();
  if (!first) return true;
  toast(naming("notSavedFields", [first, ...more]), "bad");
  first.closest("details")?.setAttribute("open", "");
  if (first.checkVisibility() && first.reportValidity()) one("#merge").scrollIntoView({ block: "nearest" });
  return false;
}

// before another deed of the editor goes out, what was written is in
document.addEventListener(
  "submit",
  async (event) => {
    const deed = event.target;
    const { submitter } = event;
    if (!isWritten() || deed.matches("[data-autosave], [data-keep], [method=dialog]")) return;
    if (!deed.closest(".editor, .menu, #add-scene")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await isSaved()) deed.requestSubmit(submitter);
    else deed.closest("[popover]:popover-open")?.hidePopover();
  },
  true,
);

// a picture goes out when it is chosen (after drop.js has looked at it), and with the answer comes a new editor
on(
  "change",
  ".editor form:not([data-autosave]) input[type=file]",
  async (event, input) => {
    if (!input.value || !isWritten()) return;
    event.stopImmediatePropagation();
    if (await isSaved()) input.form.requestSubmit();
    else input.form.reset();
  },
  true,
);

// an answer that is late brings no editor over words that were written meanwhile
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  const editor = one("#editor");
  if (!editor || !isWritten() || ctx.sourceElement === editor) return;
  const kept = tasks.filter(({ target }) => target !== editor && target !== "#editor");
  tasks.splice(0, tasks.length, ...kept);
});

// whoever is signed out keeps the page with the words on it, and saves them once signed in elsewhere
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx?.response?.status !== 401 || !isWritten()) return;
  event.preventDefault(); // of going to the page for signing in
  if (!one("#toasts .bad")) toast(word("signedOut"), "bad");
});

addEventListener("beforeunload", (event) => {
  if (unsent().length) event.preventDefault();
});
