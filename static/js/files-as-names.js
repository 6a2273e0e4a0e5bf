// Send the names of files in URL-encoded requests, which would otherwise contain "[object File]", and leave out empty
// file fields, and files that cannot be used. Not a module, because it must run before the first requests of htmx.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { body, form } = ctx.request;
  const encoding = ctx.sourceElement?.getAttribute("hx-encoding") ?? form?.enctype;
  if (encoding === "multipart/form-data" || !(body instanceof FormData)) return;
  const entries = [...body].filter(([, value]) => value instanceof File);
  for (const [name] of entries) body.delete(name);
  const isUsable = (name) => !form?.elements[name]?.validity?.customError; // image-drop.js
  for (const [name, file] of entries) if (file.name && isUsable(name)) body.append(name, file.name);
});
