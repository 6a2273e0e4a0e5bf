// Keep relative times such as "3 minutes ago" up to date.
import { findAll, initialize } from "./dom.js";

const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const locale = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const absolute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

function update(time) {
  const past = (new Date(time.dateTime) - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(past) >= length) ?? [];
  if (!unit) return; // within a minute the server's text stays: just now
  if (Math.abs(past) > 30 * 86400) time.textContent = absolute.format(new Date(time.dateTime));
  else time.textContent = relative.format(Math.round(past / size), unit);
}

initialize("time[data-ago]", (time) => {
  time.title = absolute.format(new Date(time.dateTime));
  update(time);
});
// exact times in the user's time zone
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
initialize("time[data-at]", (time) => (time.textContent = exact.format(new Date(time.dateTime))));
setInterval(() => findAll("time[data-ago]").forEach(update), 30_000);
