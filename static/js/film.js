// A film's chapters: they jump in the player on the page, and the one that plays is marked. Two versions play together.
// A film is asked for as the page shows it when its turn comes: what was changed just before is saved first.
import { all, each, on, one } from "./dom.js";

const player = () => one("cel-player");
const fps = () => Number(player().getAttribute("fps")) || 24;
const start = (film) => film.play().catch(() => {});

on("click", "[data-chapter]", (event, { dataset }) => {
  const shown = player();
  if (!shown?.film) return;
  event.preventDefault();
  shown.seek((Number(dataset.chapter) + 0.5) / fps());
  start(shown.film);
  shown.scrollIntoView({ block: "nearest" });
});

on("click", "[data-play-both]", () => {
  for (const film of all("cel-player video")) {
    film.currentTime = 0;
    start(film);
  }
});

each("cel-player video", (film) => {
  film.addEventListener("timeupdate", () => {
    const frame = Math.floor(player().film.currentTime * fps() + 0.01);
    const chapters = all("[data-chapter]");
    const now = chapters.findLast(({ dataset }) => Number(dataset.chapter) <= frame);
    for (const chapter of chapters) chapter.ariaCurrent = chapter === now ? "true" : null;
  });
});

// What waits behind another change goes on from what that one left: only what was touched here is as it was then, so
// that nobody else's change, which came meanwhile, is taken back.
const CHOSEN = ["checkbox", "radio", "file", "submit"]; // whose value is not theirs alone
const touched = new WeakMap(); // form -> names of what was touched since it last asked
const asked = new WeakMap(); // request -> the same of the form when it was asked
on("input", "main form [name]", ({ target: { name } }, { form }) => {
  if (form) touched.set(form, (touched.get(form) ?? new Set()).add(name));
});

on("htmx:config:request", "main form", ({ detail: { ctx } }, form) => {
  asked.set(ctx, touched.get(form));
  touched.delete(form);
});

on("htmx:before:request", "main form", ({ detail: { ctx } }, form) => {
  const { elements } = form;
  const { action, body } = ctx.request;
  if (!(elements.rev ?? elements.was) || !body?.has) return;
  if (form.getAttribute("hx-post") !== action) return; // rows have moved: it is another scene's form by now
  const mine = asked.get(ctx);
  for (const { name, type, value } of elements) {
    if (body.has(name) && !mine?.has(name) && !CHOSEN.includes(type)) body.set(name, value);
  }
});

on("htmx:before:request", "#film-make form", ({ detail: { ctx } }, { elements: { agreed } }) => {
  if (agreed) ctx.request.body.set("agreed", agreed.value);
});
