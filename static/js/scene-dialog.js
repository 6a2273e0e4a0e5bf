// Show the scene editor beside the storyboard, or in a dialog on narrow pages.
import { findAll, initialize, on, find } from "./dom.js";
import { isSaved, mayLeave } from "./unsaved.js";

const WIDE = matchMedia("(min-width: 68.75em)");
let lastAction = ""; // name of the button last pressed in the editor
let shownScene = ""; // id of the scene last shown in the editor
let requested = null; // link of the editor last requested

export const isWide = () => WIDE.matches;
const dialog = () => find("#scene-dialog");

/** Shows the editor of the link's scene. Calls `choose` after the text of another scene is saved or discarded. */
export async function openEditor(editor, link, choose) {
  const isOpen = find(".editor", editor)?.dataset.scene === link.closest(".storyboard-row").dataset.id;
  requested = link;
  if (!isOpen && !(await mayLeave())) return;
  if (requested !== link) return;
  choose();
  if (!isWide()) show(editor, isOpen);
  if (!isOpen) await load(editor, link);
  if (find(".editor[aria-busy]", editor)) dialog().close(); // loading failed; a toast shows why
  const field = link.dataset.focus && find(`#${link.dataset.focus}`, editor);
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  field.focus();
}

/** Loads an editor. The old one is inert meanwhile. */
async function load(editor, link) {
  editor.inert = true;
  try {
    await globalThis.htmx.ajax("GET", link.href, { source: editor, target: editor, swap: "innerHTML" });
  } finally {
    editor.inert = false;
  }
}

function show(editor, isOpen) {
  if (!isOpen) editor.replaceChildren(find("#editor-wait").content.cloneNode(true));
  find("[data-editor-place]").append(editor);
  if (!dialog().open) dialog().showModal();
  for (const button of findAll("[data-step]")) button.disabled = !neighbour(button.dataset.step);
}

const current = () => find(".storyboard-row.current") ?? find(".storyboard-row");
const neighbour = (step) => (step > 0 ? current()?.nextElementSibling : current()?.previousElementSibling);

initialize("#scene-dialog", (box) => {
  box.addEventListener("close", () => {
    isSaved();
    find(".story-side").append(find("#editor"));
  });
});

WIDE.addEventListener("change", () => dialog()?.open && dialog().close());

on("click", "[data-step]", (event, button) => {
  const row = neighbour(button.dataset.step);
  if (row) find("[data-edit]", row).click();
});

on("click", "#edit-now", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !current() || !globalThis.htmx) return;
  event.preventDefault();
  find("[data-edit]", current()).click();
});

/** Names the scene on the button at the lower edge. */
export function updateEditButton() {
  const button = find("#edit-now");
  const link = current() && find("[data-edit]", current());
  if (!button) return;
  button.hidden = !link;
  if (!link) return;
  button.href = link.href;
  find("span", button).textContent = find(".visually-hidden", link).textContent;
}

on("submit", "#editor form", (event) => {
  lastAction = nameOf(event.submitter);
});

const nameOf = (button) => button?.getAttribute("aria-label") ?? button?.textContent.trim() ?? "";

// after an action of the editor, restore the focus; close the dialog of a deleted scene
document.addEventListener("htmx:after:swap", () => {
  updateEditButton();
  const editor = find("#editor");
  if (dialog()?.open && shownScene && !document.getElementById(`s-${shownScene}`)) dialog().close();
  shownScene = (editor && find(".editor", editor)?.dataset.scene) ?? "";
  if (!editor || !lastAction || document.activeElement !== document.body) return;
  const sameButton = findAll("button", editor).find((button) => nameOf(button) === lastAction && !button.closest("[popover]"));
  (sameButton ?? find("#scene-h", editor))?.focus();
});
