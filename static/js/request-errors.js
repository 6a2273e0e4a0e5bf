// Show failed htmx requests in a toast. Only responses for the page are swapped (402, 409, 422, or a status named by the
// element).
import { message } from "./dom.js";
import { toast } from "./toast.js";

const SWAPPED = [402, 409, 422];
const MESSAGES = { 401: "refused", 403: "refused", 404: "gone", 410: "gone", 413: "large", 429: "busy", 503: "away" };

function isForPage({ response, sourceElement, text }) {
  if (text?.trimStart().startsWith("<hx-partial")) return true; // whatever its status
  if (!response.headers.get("Content-Type")?.startsWith("text/html")) return false; // from a proxy
  const status = String(response.status);
  const patterns = [status, `${status.slice(0, 2)}x`, `${status[0]}xx`];
  return (
    SWAPPED.includes(response.status) || patterns.some((pattern) => sourceElement?.hasAttribute(`hx-status:${pattern}`))
  );
}

// requests that the page repeats by itself: the live dot, or "Not saved", shows their failure
const isPolling = ({ sourceElement }) => sourceElement?.matches("[data-automatic-retry], [hx-trigger~=live]");

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!(ctx?.response?.status >= 400) || isForPage(ctx)) return;
  event.preventDefault();
  if (!isPolling(ctx)) toast(message(MESSAGES[ctx.response.status] ?? "broken"), "bad");
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (ctx?.request && !ctx.response && !isPolling(ctx)) toast(message("unreachable"), "bad");
});
