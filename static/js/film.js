// A film's chapters: they jump in the player on the page, and the one that plays is marked. Two versions play together.
// A film is asked for as the page shows it when its turn comes: what was changed just before is saved first.
import { all, each, one } from "./dom.js";

const player = () => one("cel-player");
const fps = () => Number(player()?.getAttribute("fps")) || 24;

document.addEventListener("click", (event) => {
  const chapter = event.target.closest("[data-chapter]");
  if (chapter && player()?.film) {
    event.preventDefault();
    player().seek((Number(chapter.dataset.chapter) + 0.5) / fps());
    player().film.play().catch(() => {});
    player().scrollIntoView({ block: "nearest" });
  }
  if (event.target.closest("[data-play-both]")) both();
});

function both() {
  for (const film of all("cel-player video")) {
    film.currentTime = 0;
    film.play().catch(() => {});
  }
}

function mark() {
  const frame = Math.floor(player().film.currentTime * fps() + 0.01);
  const chapters = all("[data-chapter]");
  const now = chapters.findLast((chapter) => Number(chapter.dataset.chapter) <= frame);
  for (const chapter of chapters) {
    if (chapter === now) chapter.setAttribute("aria-current", "true");
    else chapter.removeAttribute("aria-current");
  }
}

each("cel-player video", (film) => {
  if (one("[data-chapters]")) film.addEventListener("timeupdate", mark);
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const shown = ctx.sourceElement.closest?.("#film-make") && ctx.sourceElement.elements?.agreed;
  if (shown) ctx.request.body.set("agreed", shown.value);
});
