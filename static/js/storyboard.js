// Storyboard: move scenes by drag, touch and arrow keys; a click on a row opens its editor.
import { findAll, initialize, on, find } from "./dom.js";
import { hasChanges } from "./autosave.js";
import { isWide, openEditor, updateEditButton } from "./scene-dialog.js";

let focusNext = "";

// shows script-only controls by one class, because morphed rows lose changes of their own
document.documentElement.classList.add("is-live");

function send(url, values) {
  const board = find("[data-board]");
  return globalThis.htmx?.ajax("POST", url, { source: board, target: board, swap: "none", values });
}

const editing = () => find(".editor [name=editing]")?.value ?? "";

initialize("[data-sort]", (list) => {
  if (!find("[data-grip]", list)) return;
  const enableSorting = () =>
    globalThis.Sortable?.create(list, {
      handle: ".grip",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 83,
      delay: 180,
      delayOnTouchOnly: true,
      touchStartThreshold: 4,
      forceFallback: true,
      onEnd: ({ oldIndex, newIndex }) => oldIndex !== newIndex && saveOrder(list),
    });
  if (globalThis.Sortable) enableSorting();
  else addEventListener("load", enableSorting, { once: true });
});

function saveOrder(list) {
  const board = list.closest("[data-board]");
  const ids = [...list.children].map(({ dataset }) => dataset.id);
  send(board.dataset.orderUrl, { ids: ids.join(), order_rev: board.dataset.rev, editing: editing() });
}

// if the server did not return the new order of dropped rows, restore the old one
const positionOf = (row) => Number(find(".key", row).textContent);

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const board = ctx?.sourceElement;
  const list = board?.matches?.("[data-board]") && find("[data-sort]", board);
  if (!list || ctx.text?.includes("#story-list")) return;
  list.append(...[...list.children].sort((a, b) => positionOf(a) - positionOf(b)));
});

function moveRow(row, step) {
  const grip = find("[data-grip]", row);
  if (!grip) return;
  focusNext = row.id;
  send(grip.dataset.move, { by: step, editing: editing(), ...(hasChanges() ? { only_board: "1" } : {}) });
}

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const row = event.target.closest?.(".storyboard-row");
  const isMove = event.altKey || event.target.closest?.("[data-grip]");
  if (!step || !row || !isMove) return;
  event.preventDefault();
  moveRow(row, step);
});

// a moved row keeps the focus and is visible
document.addEventListener("htmx:after:swap", () => {
  const row = focusNext && document.getElementById(focusNext);
  if (!row) return;
  find("[data-grip]", row)?.focus();
  row.scrollIntoView({ block: "nearest" });
  setTimeout(() => (focusNext = ""), 500); // the response has several parts
});

/** Marks the row as the scene to edit. */
function selectRow(row) {
  for (const other of findAll(".storyboard-row.current")) if (other !== row) other.classList.remove("current");
  row.classList.add("current");
  for (const cell of findAll("[data-show-scene]")) {
    if (cell.hash === `#${row.id}`) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
  }
  updateEditButton();
}

function openRow(link) {
  const editor = find("#editor");
  const row = link.closest(".storyboard-row");
  if (!editor || !row || !globalThis.htmx) return false;
  openEditor(editor, link, () => {
    selectRow(row);
    const url = new URL(location.href);
    url.searchParams.set("scene", row.dataset.id);
    history.replaceState(null, "", url);
  });
  return true;
}

// on narrow pages, the edit button follows the reel
document.addEventListener("reel-shot", ({ detail: { n } }) => {
  const row = findAll(".storyboard-row")[n - 1];
  if (row && !isWide()) selectRow(row);
});

// clear the quote of another scene when the dialog opens
initialize("#draw #sheet", (sheet) => {
  const empty = sheet.cloneNode(true);
  on("click", "[data-open=draw]", () => sheet.replaceChildren(...empty.cloneNode(true).childNodes), { capture: true });
});

on("click", "[data-edit]", (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (openRow(link)) event.preventDefault();
});

on("click", ".storyboard-row", (event, row) => {
  if (event.target.closest("a, button, input, label") || String(getSelection())) return;
  const link = find("[data-edit]", row);
  if (link && !openRow(link)) location.assign(link.href);
});

// submit a new scene only once
const setBusy = (isBusy) => (_event, form) => form.toggleAttribute("data-busy", isBusy);
on("htmx:before:request", "[data-add]", setBusy(true));
on("htmx:after:request", "[data-add]", setBusy(false));
on("htmx:finally:request", "[data-add]", setBusy(false));
document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("[data-add][data-busy]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

// then clear the form
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (!(ctx?.response?.status < 400)) return;
  const addForm = event.target.closest?.("[data-add]");
  if (addForm?.elements.prompt.value === ctx.request.body?.get?.("prompt")) addForm?.reset(); // keep text typed meanwhile
  // close the quote after the run has started
  if (ctx.request?.method === "POST" && event.target.closest?.("#sheet")) find("#draw")?.close();
});

on("keydown", "[data-add] textarea", (event, area) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  area.form.requestSubmit();
});

// split the scene at the cursor, if it is inside the text
document.addEventListener(
  "submit",
  (event) => {
    const name = event.target.dataset?.cursor;
    const area = find("#scene-prompt");
    if (!name || !area) return;
    find(`input[name=${name}]`, event.target)?.remove();
    const at = area.selectionStart;
    if (!at || at >= area.value.length) return;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: [...area.value.slice(0, at)].length });
    event.target.append(field);
  },
  true,
);
