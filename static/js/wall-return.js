// Come back to the same place of the library's wall, with Back and after a reload. The page of the list that was in view is
// fetched again by its cursor; pages above it come back as one scrolls up.
import { find, findAll } from "./dom.js";

const SUBMITTED = "wall submitted";
const key = () => `wall ${location.pathname}${location.search}`;
const isReturning = () => ["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type);

/** Saves the place when the page is left, and goes back to it if the page was left before. */
export function returnToPlace(wall) {
  const grid = find(".clip-grid", wall);
  const cursors = []; // of the pages of the list, in their order; the first is ""
  /** Notes on each tile the page that it is of, since the first tile of the page may be out of the document later. */
  function noteCursors() {
    let cursor = "";
    for (const { dataset } of findAll(":scope > .tile", grid)) {
      cursor = dataset.after ?? dataset.page ?? cursor;
      dataset.page = cursor;
      if (!cursors.includes(cursor)) cursors.push(cursor);
    }
  }

  function save() {
    const tiles = findAll(":scope > .tile", grid);
    const at = tiles.findIndex((tile) => tile.getBoundingClientRect().bottom > 0);
    if (at < 0) return;
    const place = { id: tiles[at].id, top: tiles[at].getBoundingClientRect().top, after: tiles[at].dataset.page ?? "", cursors };
    sessionStorage.setItem(key(), JSON.stringify(place));
  }

  async function fetchPage(after) {
    const query = new URLSearchParams(location.search);
    query.set("after", after);
    const response = await fetch(`?${query}`, { headers: { "HX-Request": "true", "HX-Target": "div#more" } });
    if (!response.ok) throw new Error(String(response.status));
    const page = document.createElement("template");
    page.innerHTML = await response.text();
    return page.content;
  }

  async function restore({ id, top, after, cursors: saved }) {
    if (after && !find(`[data-after="${CSS.escape(after)}"]`, grid)) {
      const page = await fetchPage(after);
      findAll(":scope > :is(.tile, .pager)", grid).forEach((element) => element.remove());
      grid.prepend(page);
      window.htmx.process(grid);
      cursors.splice(0, cursors.length, ...saved.slice(0, saved.indexOf(after) + 1));
      showPagesAbove(cursors.slice(0, -1));
    }
    const tile = document.getElementById(id);
    const goBack = () => tile && scrollBy({ top: tile.getBoundingClientRect().top - top, behavior: "instant" });
    goBack();
    requestAnimationFrame(goBack); // rows above may have changed their height
  }

  /** Puts the pages before the restored one back, the nearest first, when the window comes near. */
  function showPagesAbove(remaining) {
    const start = document.createElement("div");
    start.className = "wall-gap";
    grid.prepend(start);
    let isBusy = false;
    new IntersectionObserver(
      async ([entry], observer) => {
        if (!entry.isIntersecting || isBusy) return;
        if (!remaining.length) return observer.disconnect();
        isBusy = true;
        const page = await fetchPage(remaining.at(-1)).catch(() => null);
        isBusy = false;
        if (!page) return;
        remaining.pop();
        find(".pager", page)?.remove();
        const seam = document.createElement("div");
        seam.className = "wall-break";
        page.append(seam);
        const next = start.nextElementSibling, before = next.getBoundingClientRect().top;
        start.after(page);
        window.htmx.process(grid);
        scrollBy({ top: next.getBoundingClientRect().top - before, behavior: "instant" });
        observer.unobserve(start);
        observer.observe(start);
      },
      { rootMargin: "1200px 0px" },
    ).observe(start);
  }

  wall.addEventListener("submit", () => sessionStorage.setItem(SUBMITTED, key())); // an action leads back to this page
  const isAfterAction = sessionStorage.getItem(SUBMITTED) === key();
  sessionStorage.removeItem(SUBMITTED);
  const saved = (isReturning() || isAfterAction) && sessionStorage.getItem(key());
  noteCursors();
  new MutationObserver(noteCursors).observe(grid, { childList: true });
  addEventListener("pagehide", save);
  if (!saved) return;
  history.scrollRestoration = "manual";
  restore(JSON.parse(saved)).catch(() => undefined); // the first page stays: it can be scrolled as before
}
