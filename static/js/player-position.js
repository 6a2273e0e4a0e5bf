// Continue longer videos where this device last stopped. The file's path is the key: its signature changes.
import { initialize } from "./dom.js";

const KEY = "player-positions";
const MIN_SECONDS = 20; // shorter videos start from the beginning
const MARGIN = 0.05; // of the length: nothing is remembered so near to the beginning or the end
const MAX_ENTRIES = 50;

const read = () => JSON.parse(localStorage.getItem(KEY) ?? "{}");

function store(path, position) {
  const { [path]: _earlier, ...others } = read();
  const entries = Object.entries(others).slice(1 - MAX_ENTRIES);
  if (position) entries.push([path, position]);
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(entries)));
}

initialize("cel-player", (player) => {
  const { video } = player;
  if (player.closest("[data-sync]")) return;
  const path = new URL(video.getAttribute("src"), location).pathname;
  const isLong = () => player.length >= MIN_SECONDS;
  const remember = () => {
    if (!isLong()) return;
    const share = video.currentTime / player.length;
    store(path, share > MARGIN && share < 1 - MARGIN ? Math.floor(video.currentTime) : 0);
  };
  const resume = () => isLong() && !video.currentTime && read()[path] && player.seek(read()[path]);

  if (video.readyState > 0) resume();
  else video.addEventListener("loadedmetadata", resume, { once: true });
  for (const type of ["pause", "ended", "seeked"]) video.addEventListener(type, remember);
  addEventListener("pagehide", remember);
});
