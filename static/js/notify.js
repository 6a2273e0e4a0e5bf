// Tells when a job that took long has ended, if the person asked for it and is looking elsewhere.
import { each, on, one, word } from "./dom.js";
import { toast } from "./toast.js";

const LONG = 15_000;
const KEY = "notify";
const started = new Map();
const isWanted = () => localStorage.getItem(KEY) === "yes" && globalThis.Notification?.permission === "granted";

function announce(job) {
  const title = job.dataset.title ?? one(".job-row-title > a", job)?.textContent.trim() ?? "";
  const heard = one("#heard");
  if (heard) heard.textContent = `${one(".tag", job)?.textContent.trim() ?? word("jobEnded")}: ${title}`;
  if (!isWanted() || document.visibilityState === "visible") return;
  const notice = new Notification(word("jobEnded"), { body: title, tag: job.id });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
  });
}

function look(job) {
  const isActive = ["work", "wait"].includes(job.dataset.state);
  if (isActive && !started.has(job.id)) started.set(job.id, Date.now());
  if (isActive || !started.has(job.id)) return;
  const took = Date.now() - started.get(job.id);
  started.delete(job.id);
  if (took > LONG || document.visibilityState === "visible") announce(job);
}

each("[id^='job-'][data-state]", look);
new MutationObserver((records) => records.forEach(({ target }) => target.id?.startsWith("job-") && look(target))).observe(
  document.body,
  { attributes: true, attributeFilter: ["data-state"], subtree: true },
);

each("[data-notify]", (button) => {
  button.hidden = !("Notification" in globalThis);
  button.setAttribute("aria-pressed", String(isWanted()));
});
on("click", "[data-notify]", async (event, button) => {
  const isOff = !isWanted();
  if (isOff && (await Notification.requestPermission()) !== "granted") {
    toast(word("notifyOff"), "bad");
    return;
  }
  localStorage.setItem(KEY, isOff ? "yes" : "no");
  button.setAttribute("aria-pressed", String(isOff));
  if (isOff) toast(word("notifyOn"), "ok");
});
