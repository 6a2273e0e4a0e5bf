// Protect unsaved text of a scene: other actions wait for the save, ask, or are refused.
import { on, find, message } from "./dom.js";
import { describeFields, hasChanges, saveAll, unsavedFields } from "./autosave.js";
import { askToConfirm } from "./confirm.js";
import { toast } from "./toast.js";

/** Resolves to whether all text is saved, or the user discards the rest. */
export async function mayLeave() {
  await saveAll();
  const remaining = unsavedFields();
  return !remaining.length || askToConfirm(describeFields("leaveFields", remaining));
}

/** Resolves to whether all text is saved. Otherwise names and shows the first unsaved field. */
export async function isSaved() {
  await saveAll();
  const [first, ...more] = unsavedFields();
  if (!first) return true;
  toast(describeFields("notSavedFields", [first, ...more]), "bad");
  first.closest("details")?.setAttribute("open", "");
  if (first.checkVisibility() && first.reportValidity()) find("#merge").scrollIntoView({ block: "nearest" });
  return false;
}

// save before another action of the editor is submitted
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const { submitter } = event;
    if (!hasChanges() || form.matches("[data-autosave], [data-keep], [method=dialog]")) return;
    if (!form.closest(".editor, .menu, #add-scene")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await isSaved()) form.requestSubmit(submitter);
    else form.closest("[popover]:popover-open")?.hidePopover();
  },
  true,
);

// save before a chosen image is submitted (after image-drop.js has checked it): the response replaces the editor
on(
  "change",
  ".editor form:not([data-autosave]) input[type=file]",
  async (event, input) => {
    if (!input.value || !hasChanges()) return;
    event.stopImmediatePropagation();
    if (await isSaved()) input.form.requestSubmit();
    else input.form.reset();
  },
  true,
);

// a late response does not replace an editor with unsaved text
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  const editor = find("#editor");
  if (!editor || !hasChanges() || ctx.sourceElement === editor) return;
  const kept = tasks.filter(({ target }) => target !== editor && target !== "#editor");
  tasks.splice(0, tasks.length, ...kept);
});

// a signed-out user keeps the page, and can save after signing in in another tab
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx?.response?.status !== 401 || !hasChanges()) return;
  event.preventDefault(); // do not open the sign-in page
  if (!find("#toasts .bad")) toast(message("signedOut"), "bad");
});

addEventListener("beforeunload", (event) => {
  if (unsavedFields().length) event.preventDefault();
});
