// The editor of a scene stands beside the storyboard; where there is no room for that, it moves into a dialog.
import { all, each, on, one } from "./dom.js";
import { isSaved, mayLeave } from "./unsaved.js";

const WIDE = matchMedia("(min-width: 68.75em)");
let lastDeed = ""; // the name of the button that was pressed in the editor
let shown = ""; // the scene whose editor was last seen
let wish = null; // the last editor that was asked for

export const isWide = () => WIDE.matches;
const dialog = () => one("#scene-dialog");

// Shows the editor of the scene that "link" leads to; what is being written in an editor that is there stays.
// "choose" is called as soon as that is certain: not before what is written in another scene is saved or let go.
export async function edit(editor, link, choose) {
  const isThere = one(".editor", editor)?.dataset.scene === link.closest(".storyboard-row").dataset.id;
  wish = link;
  if (!isThere && !(await mayLeave())) return;
  if (wish !== link) return;
  choose();
  if (!isWide()) show(editor, isThere);
  if (!isThere) await load(editor, link);
  if (one(".editor[aria-busy]", editor)) dialog().close(); // it did not come; a toast says why
  const field = link.dataset.focus && one(`#${link.dataset.focus}`, editor);
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  field.focus();
}

/** Nobody can write into an editor that is about to be another one. */
async function load(editor, link) {
  editor.inert = true;
  try {
    await globalThis.htmx.ajax("GET", link.href, { source: editor, target: editor, swap: "innerHTML" });
  } finally {
    editor.inert = false;
  }
}

function show(editor, isThere) {
  if (!isThere) editor.replaceChildren(one("#editor-wait").content.cloneNode(true));
  one("[data-editor-place]").append(editor);
  if (!dialog().open) dialog().showModal();
  for (const button of all("[data-step]")) button.disabled = !neighbour(button.dataset.step);
}

const current = () => one(".storyboard-row.current") ?? one(".storyboard-row");
const neighbour = (step) => (step > 0 ? current()?.nextElementSibling : current()?.previousElementSibling);

each("#scene-dialog", (box) => {
  box.addEventListener("close", () => {
    isSaved();
    one(".story-side").append(one("#editor"));
  });
});

WIDE.addEventListener("change", () => dialog()?.open && dialog().close());

on("click", "[data-step]", (event, button) => {
  const row = neighbour(button.dataset.step);
  if (row) one("[data-edit]", row).click();
});

on("click", "#edit-now", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !current() || !globalThis.htmx) return;
  event.preventDefault();
  one("[data-edit]", current()).click();
});

/** The button at the lower edge names the scene that it opens. */
export function nameFab() {
  const button = one("#edit-now");
  const link = current() && one("[data-edit]", current());
  if (!button) return;
  button.hidden = !link;
  if (!link) return;
  button.href = link.href;
  one("span", button).textContent = one(".visually-hidden", link).textContent;
}

on("submit", "#editor form", (event) => {
  lastDeed = nameOf(event.submitter);
});

const nameOf = (button) => button?.getAttribute("aria-label") ?? button?.textContent.trim() ?? "";

// after a deed of the editor the focus is where it was; a scene that is gone closes its dialog
document.addEventListener("htmx:after:swap", () => {
  nameFab();
  const editor = one("#editor");
  if (dialog()?.open && shown && !document.getElementById(`s-${shown}`)) dialog().close();
  shown = (editor && one(".editor", editor)?.dataset.scene) ?? "";
  if (!editor || !lastDeed || document.activeElement !== document.body) return;
  const again = all("button", editor).find((button) => nameOf(button) === lastDeed && !button.closest("[popover]"));
  (again ?? one("#scene-h", editor))?.focus();
});
