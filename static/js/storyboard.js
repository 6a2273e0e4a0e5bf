// The storyboard: scenes by drag, by touch, by arrow keys; a click on a row opens its editor beside the sheet.
import { all, each, on, one } from "./dom.js";
import { isWritten } from "./autosave.js";
import { edit, isWide, nameFab } from "./scene-dialog.js";

let focusNext = "";

// morphs bring rows as the server writes them: what only scripts can do is shown by this, and not row by row
document.documentElement.classList.add("is-live");

function send(url, values) {
  const board = one("[data-board]");
  return globalThis.htmx?.ajax("POST", url, { source: board, target: board, swap: "none", values });
}

const editing = () => one(".editor [name=editing]")?.value ?? "";

each("[data-sort]", (list) => {
  if (!one("[data-grip]", list)) return;
  const sort = () =>
    globalThis.Sortable?.create(list, {
      handle: ".grip",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 83,
      delay: 180,
      delayOnTouchOnly: true,
      touchStartThreshold: 4,
      forceFallback: true,
      onEnd: ({ oldIndex, newIndex }) => oldIndex !== newIndex && order(list),
    });
  if (globalThis.Sortable) sort();
  else addEventListener("load", sort, { once: true });
});

function order(list) {
  const board = list.closest("[data-board]");
  const ids = [...list.children].map(({ dataset }) => dataset.id);
  send(board.dataset.orderUrl, { ids: ids.join(), order_rev: board.dataset.rev, editing: editing() });
}

// a row that is dropped lies in its new place before the studio knows: when no list comes back, each goes where it was
const place = (row) => Number(one(".key", row).textContent);

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const board = ctx?.sourceElement;
  const list = board?.matches?.("[data-board]") && one("[data-sort]", board);
  if (!list || ctx.text?.includes("#story-list")) return;
  list.append(...[...list.children].sort((a, b) => place(a) - place(b)));
});

function move(row, by) {
  const grip = one("[data-grip]", row);
  if (!grip) return;
  focusNext = row.id;
  send(grip.dataset.move, { by, editing: editing(), ...(isWritten() ? { only_board: "1" } : {}) });
}

document.addEventListener("keydown", (event) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const row = event.target.closest?.(".storyboard-row");
  const isMove = event.altKey || event.target.closest?.("[data-grip]");
  if (!by || !row || !isMove) return;
  event.preventDefault();
  move(row, by);
});

// a moved row keeps the focus, and is seen
document.addEventListener("htmx:after:swap", () => {
  const row = focusNext && document.getElementById(focusNext);
  if (!row) return;
  one("[data-grip]", row)?.focus();
  row.scrollIntoView({ block: "nearest" });
  setTimeout(() => (focusNext = ""), 500); // the reply has several parts; what comes later takes no focus
});

/** The scene whose editor is open, or would be opened next. */
function choose(row) {
  for (const other of all(".storyboard-row.current")) if (other !== row) other.classList.remove("current");
  row.classList.add("current");
  for (const cell of all("[data-jump]")) {
    if (cell.hash === `#${row.id}`) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
  }
  nameFab();
}

function open(link) {
  const editor = one("#editor");
  const row = link.closest(".storyboard-row");
  if (!editor || !row || !globalThis.htmx) return false;
  edit(editor, link, () => {
    choose(row);
    const url = new URL(location.href);
    url.searchParams.set("scene", row.dataset.id);
    history.replaceState(null, "", url);
  });
  return true;
}

// on a narrow desk the reel says which scene the button below edits
document.addEventListener("reel-shot", ({ detail: { n } }) => {
  const row = all(".storyboard-row")[n - 1];
  if (row && !isWide()) choose(row);
});

// no price is shown, and none can be agreed to, but that of the scene that was asked about
each("#draw #sheet", (sheet) => {
  const empty = sheet.cloneNode(true);
  on("click", "[data-open=draw]", () => sheet.replaceChildren(...empty.cloneNode(true).childNodes), { capture: true });
});

on("click", "[data-edit]", (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (open(link)) event.preventDefault();
});

on("click", ".storyboard-row", (event, row) => {
  if (event.target.closest("a, button, input, label") || String(getSelection())) return;
  const link = one("[data-edit]", row);
  if (link && !open(link)) location.assign(link.href);
});

// what was written below the storyboard is sent once, however often one presses until it is there
const isOnItsWay = (is) => (_event, form) => form.toggleAttribute("data-busy", is);
on("htmx:before:request", "[data-add]", isOnItsWay(true));
on("htmx:after:request", "[data-add]", isOnItsWay(false));
on("htmx:finally:request", "[data-add]", isOnItsWay(false));
document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("[data-add][data-busy]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

// and is a scene of it then
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (!(ctx?.response?.status < 400)) return;
  const written = event.target.closest?.("[data-add]");
  if (written?.elements.prompt.value === ctx.request.body?.get?.("prompt")) written?.reset(); // or more was written since
  // what the sheet asked for has begun
  if (ctx.request?.method === "POST" && event.target.closest?.("#sheet")) one("#draw")?.close();
});

on("keydown", "[data-add] textarea", (event, words) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  words.form.requestSubmit();
});

// "split" cuts where the cursor stands, if it stands within the words
document.addEventListener(
  "submit",
  (event) => {
    const name = event.target.dataset?.cursor;
    const words = one("#scene-prompt");
    if (!name || !words) return;
    one(`input[name=${name}]`, event.target)?.remove();
    const at = words.selectionStart;
    if (!at || at >= words.value.length) return;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: [...words.value.slice(0, at)].length });
    event.target.append(field);
  },
  true,
);
