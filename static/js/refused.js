// What was refused is seen: the first complaint comes into view, and what it is about can be mended at once.
import { all, one, prefersStill } from "./dom.js";

const isSeen = ({ top, bottom }) => top > 72 && bottom < innerHeight - 96; // below the head, above a button that stays

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!(ctx?.response?.status >= 400)) return;
  const words = all("main .err[role=alert]").find((each) => each.checkVisibility());
  if (!words) return;
  if (!isSeen(words.getBoundingClientRect())) {
    words.scrollIntoView({ block: "center", behavior: prefersStill() ? "auto" : "smooth" });
  }
  one("[aria-invalid=true]", words.closest("form") ?? undefined)?.focus({ preventScroll: true });
});
