// A question carries no key to deeds: it would stand in its address, and so in the logs in front of the site. This is no
// module and stands before htmx, whose first questions go out before modules are there.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "GET") ctx.request.body?.delete?.("csrfmiddlewaretoken");
});
