// What htmx could not do is said in a toast; only answers made for the page (402, 409, 422, or a status the element names) swap.
import { word } from "./dom.js";
import { toast } from "./toast.js";

const FOR_THE_PAGE = [402, 409, 422];
const WORDS = { 401: "refused", 403: "refused", 404: "gone", 410: "gone", 413: "large", 429: "busy" };

function isForThePage({ response, sourceElement, text }) {
  if (text?.trimStart().startsWith("<hx-partial")) return true; // made for this page, whatever its status
  if (!response.headers.get("Content-Type")?.startsWith("text/html")) return false; // a plain refusal in front of the site
  const status = String(response.status);
  const patterns = [status, `${status.slice(0, 2)}x`, `${status[0]}xx`];
  return (
    FOR_THE_PAGE.includes(response.status) || patterns.some((pattern) => sourceElement?.hasAttribute(`hx-status:${pattern}`))
  );
}

// what the page asks or sends by itself, again and again: the dot, or the words "Not saved", say enough
const isPolling = ({ sourceElement }) => sourceElement?.matches("[data-live], [data-again], [hx-trigger*=every]");

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!(ctx?.response?.status >= 400) || isForThePage(ctx)) return;
  event.preventDefault();
  if (!isPolling(ctx)) toast(word(WORDS[ctx.response.status] ?? "broken"), "bad");
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (ctx?.request && !ctx.response && !isPolling(ctx)) toast(word("unreachable"), "bad");
});
