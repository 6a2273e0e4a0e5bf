// Film pages: chapters seek in the player, and queued forms send the newest values.
import { findAll, initialize, on, find } from "./dom.js";

const player = () => find("cel-player");
const getFps = () => Number(player().getAttribute("fps")) || 24;
const play = (video) => video.play().catch(() => {});

on("click", "[data-chapter]", (event, { dataset }) => {
  const current = player();
  if (!current?.video) return;
  event.preventDefault();
  current.seek((Number(dataset.chapter) + 0.5) / getFps());
  play(current.video);
  current.scrollIntoView({ block: "nearest" });
});

initialize("cel-player video", (video) => {
  video.addEventListener("timeupdate", () => {
    const frame = Math.floor(player().video.currentTime * getFps() + 0.01);
    const chapters = findAll("[data-chapter]");
    const playing = chapters.findLast(({ dataset }) => Number(dataset.chapter) <= frame);
    for (const chapter of chapters) chapter.ariaCurrent = chapter === playing ? "true" : null;
  });
});

// A queued request sends the current values of untouched fields, so that it does not revert changes of other users that
// arrived with an earlier response.
const CHOICE_TYPES = ["checkbox", "radio", "file", "submit"]; // fields whose value may not be sent
const changedFields = new WeakMap(); // form → fields changed since its last request
const fieldsOfRequest = new WeakMap(); // request → fields changed before it
on("input", "main form [name]", ({ target: { name } }, { form }) => {
  if (form) changedFields.set(form, (changedFields.get(form) ?? new Set()).add(name));
});

on("htmx:config:request", "main form", ({ detail: { ctx } }, form) => {
  fieldsOfRequest.set(ctx, changedFields.get(form));
  changedFields.delete(form);
});

on("htmx:before:request", "main form", ({ detail: { ctx } }, form) => {
  const { elements } = form;
  const { action, body } = ctx.request;
  if (!(elements.rev ?? elements.was) || !body?.has) return;
  if (form.getAttribute("hx-post") !== action) return; // the form now belongs to another scene
  const changed = fieldsOfRequest.get(ctx);
  for (const { name, type, value } of elements) {
    if (body.has(name) && !changed?.has(name) && !CHOICE_TYPES.includes(type)) body.set(name, value);
  }
});

on("htmx:before:request", "#film-make form", ({ detail: { ctx } }, { elements: { agreed } }) => {
  if (agreed) ctx.request.body.set("agreed", agreed.value);
});
