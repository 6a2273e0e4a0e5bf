// Ask for what changed since the last answer: polls send its ETag, and a 304 leaves the page as it is. They always send
// one, since the browser then keeps its own cache out of it, whose answer of an earlier visit would be shown again.
const tags = new Map(); // target and address -> ETag

const isPoll = ({ request, sourceElement }) =>
  request.method === "GET" && sourceElement?.matches("[data-live], [hx-trigger*=every]");
const keyOf = ({ request, target }) => `${target?.id} ${request.action}`;

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (isPoll(ctx)) ctx.request.headers["If-None-Match"] = tags.get(keyOf(ctx)) ?? '"none"';
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!isPoll(ctx)) {
    tags.clear(); // another response, rendered before the last poll was, may arrive after it and show what was before
    return;
  }
  const tag = ctx.response.headers.get("ETag");
  if (ctx.response.status === 200) tag ? tags.set(keyOf(ctx), tag) : tags.delete(keyOf(ctx));
});
