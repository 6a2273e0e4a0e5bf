// Keep only the rows around the window in the page: whole rows far above or below it are taken out, a gap of their height
// stays, and they come back before they are seen. Rows with a selected or focused tile stay.
import { find, findAll } from "./dom.js";

const KEPT_WINDOWS = 3; // heights of the window that stay above and below it
const getTop = (row) => row[0].getBoundingClientRect().top;
const getBottom = (row) => Math.max(...row.map((tile) => tile.getBoundingClientRect().bottom));
const isInUse = (row) => row.some((tile) => tile.matches(":has(:checked), :focus-within"));

/** The rows that are out of the page on one side of the window, and the gap that stands for them. */
class RowsOutside {
  constructor(place, space) {
    this.place = place; // place(gap) puts the gap into the page
    this.space = space; // between rows, in pixels
    this.rows = []; // the nearest row is the last
    this.height = 0; // of all rows, each with one space
    this.gap = document.createElement("div");
    this.gap.className = "wall-gap";
  }

  add(row) {
    const height = Math.max(...row.map((tile) => tile.offsetHeight)) + this.space;
    if (!this.rows.length) this.place(this.gap);
    row.forEach((tile) => tile.remove());
    this.rows.push({ row, height });
    this.resize(height);
  }

  /** Returns the nearest row for the caller to put back, and its height with one space. */
  take() {
    const nearest = this.rows.pop();
    this.resize(-nearest.height);
    return nearest;
  }

  resize(change) {
    this.height += change;
    if (this.rows.length) this.gap.style.blockSize = `${this.height - this.space}px`;
    else this.gap.remove();
  }
}

/** Takes rows of the wall out of the page and puts them back while it is scrolled. */
export function keepFewRows(wall) {
  const grid = find(".clip-grid", wall);
  const space = parseFloat(getComputedStyle(grid).rowGap) || 0;
  const findTiles = () => findAll(":scope > .tile", grid);
  const above = new RowsOutside((gap) => findTiles()[0].before(gap), space);
  const below = new RowsOutside((gap) => findTiles().at(-1).after(gap), space);
  let isScheduled = false;

  function findRows() {
    const rows = [];
    for (const tile of findTiles()) {
      const row = rows.at(-1);
      if (row && Math.abs(row[0].offsetTop - tile.offsetTop) < 2) row.push(tile);
      else rows.push([tile]);
    }
    return rows;
  }

  function update() {
    isScheduled = false;
    const margin = KEPT_WINDOWS * innerHeight;
    const rows = findRows();
    if (!grid.isConnected || !rows.length) return;
    for (let top = getTop(rows[0]); above.rows.length && top > -margin; ) {
      const { row, height } = above.take();
      findTiles()[0].before(...row);
      top -= height;
    }
    for (let bottom = getBottom(rows.at(-1)); below.rows.length && bottom < innerHeight + margin; ) {
      const { row, height } = below.take();
      findTiles().at(-1).after(...row);
      bottom += height;
    }
    removeFar(rows, above, (row) => getBottom(row) < -margin - innerHeight);
    removeFar(rows.reverse(), below, (row) => getTop(row) > margin + 2 * innerHeight);
  }

  function removeFar(rows, side, isFar) {
    const end = rows.findIndex((row) => !isFar(row) || isInUse(row));
    rows.slice(0, Math.max(0, end)).forEach((row) => side.add(row));
  }

  function schedule() {
    if (!isScheduled) requestAnimationFrame(update);
    isScheduled = true;
  }
  addEventListener("scroll", schedule, { passive: true });
  addEventListener("resize", schedule);
  document.addEventListener("htmx:after:swap", schedule);
}
