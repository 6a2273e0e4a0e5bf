// Notify the user when a long job has ended, if they allowed it and look at another page.
import { initialize, on, find, message } from "./dom.js";
import { toast } from "./toast.js";

const LONG_MS = 15_000;
const KEY = "notify";
const started = new Map();
const isEnabled = () => localStorage.getItem(KEY) === "yes" && globalThis.Notification?.permission === "granted";

function announce(job) {
  const title = job.dataset.title ?? find(".job-row-title > a", job)?.textContent.trim() ?? "";
  const announcement = find("#announcement");
  if (announcement) announcement.textContent = `${find(".tag", job)?.textContent.trim() ?? message("jobEnded")}: ${title}`;
  if (!isEnabled() || document.visibilityState === "visible") return;
  const notification = new Notification(message("jobEnded"), { body: title, tag: job.id });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
  });
}

function track(job) {
  const isActive = ["work", "wait"].includes(job.dataset.state);
  if (isActive && !started.has(job.id)) started.set(job.id, Date.now());
  if (isActive || !started.has(job.id)) return;
  const duration = Date.now() - started.get(job.id);
  started.delete(job.id);
  if (duration > LONG_MS || document.visibilityState === "visible") announce(job);
}

initialize("[id^='job-'][data-state]", track);
new MutationObserver((records) => records.forEach(({ target }) => target.id?.startsWith("job-") && track(target))).observe(
  document.body,
  { attributes: true, attributeFilter: ["data-state"], subtree: true },
);

initialize("[data-notify]", (button) => {
  button.hidden = !("Notification" in globalThis);
  button.setAttribute("aria-pressed", String(isEnabled()));
});
on("click", "[data-notify]", async (event, button) => {
  const isOff = !isEnabled();
  if (isOff && (await Notification.requestPermission()) !== "granted") {
    toast(message("notifyOff"), "bad");
    return;
  }
  localStorage.setItem(KEY, isOff ? "yes" : "no");
  button.setAttribute("aria-pressed", String(isOff));
  if (isOff) toast(message("notifyOn"), "ok");
});
