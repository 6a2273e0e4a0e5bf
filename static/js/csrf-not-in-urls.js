// Remove the CSRF token from GET requests, whose URLs are logged. Not a module, because it must run before the first
// requests of htmx.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "GET") ctx.request.body?.delete?.("csrfmiddlewaretoken");
});
