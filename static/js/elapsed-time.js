// Count the elapsed time of active jobs, and what is left of the usual time, on from what the server rendered.
import { find, findAll, message } from "./dom.js";

const LEAST_LEFT = 5; // as in jobs/estimates/times.py
const started = new WeakMap(); // element -> [rendered seconds, when they were first seen here]

function format(seconds) {
  const pad = (n) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

function describeLeft(elapsed, usual, slow) {
  if (elapsed > slow) return message("late");
  const left = usual - elapsed;
  if (left < LEAST_LEFT) return message("soon");
  if (left < 90) return message("secondsLeft").replace("{n}", Math.round(left));
  return message("minutesLeft").replace("{n}", Math.round(left / 60));
}

function update(time) {
  const { elapsed: rendered, usual, slow } = time.dataset;
  if (started.get(time)?.[0] !== rendered) started.set(time, [rendered, performance.now()]); // new, or rendered again
  const elapsed = Number(rendered) + (performance.now() - started.get(time)[1]) / 1000;
  find("[data-clock]", time).textContent = format(elapsed);
  const left = find("[data-left]", time);
  if (left) left.textContent = describeLeft(elapsed, Number(usual), Number(slow));
}

setInterval(() => findAll("[data-elapsed]").forEach(update), 1000);
