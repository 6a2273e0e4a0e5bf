// Keys of the player while the focus is in it or nowhere; the list of keys (?) is the dialog of all pages.
import { find, findAll, on } from "./dom.js";

const KEYS = {
  k: "play",
  " ": "play",
  m: "mute",
  c: "captions",
  h: "chart",
  p: "pip",
  f: "full",
  b: "part",
  r: "loop",
  ",": "back",
  ".": "forward",
  PageUp: "earlier",
  PageDown: "later",
};
const SECONDS = { j: -5, l: 5 };
const ARROWS = { ArrowLeft: -1, ArrowRight: 1 };
const LOUDNESS = { ArrowUp: 0.1, ArrowDown: -0.1 };

/** Returns whether the key was for the player. */
function handleKey(player, key, isOnRange) {
  const { video } = player;
  const seconds = SECONDS[key] ?? (isOnRange ? undefined : ARROWS[key]);
  if (player.actions[KEYS[key]]) player.runAction(KEYS[key]);
  else if (seconds) player.seek(video.currentTime + seconds);
  else if (LOUDNESS[key] && !isOnRange) video.volume = Math.max(0, Math.min(1, video.volume + LOUDNESS[key]));
  else if (/^[0-9]$/.test(key)) player.whenLoaded(() => player.seek((player.length * Number(key)) / 10));
  else if (key === "<" || key === ">") player.changeSpeed(key === ">" ? 1 : -1);
  else if (key === "?") find("#keys")?.showModal();
  else return false;
  return true;
}

function handleEvent(event, player) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select, textarea, dialog *")) return;
  if (key === " " && target.matches("button")) return;
  if (!handleKey(player, key.length === 1 ? key.toLowerCase() : key, target.matches("input[type=range]"))) return;
  event.preventDefault();
}

on("keydown", "cel-player", handleEvent);
// on a page with one player, keys work at once; arrows, numbers and the page keys still scroll and jump
document.addEventListener("keydown", (event) => {
  const players = findAll("cel-player");
  const isPlayerKey = KEYS[event.key.toLowerCase()] && !event.key.startsWith("Page") && !event.shiftKey;
  const isNowhere = event.target === document.body || event.target.id === "main";
  if (!event.defaultPrevented && isNowhere && players.length === 1 && isPlayerKey && document.body.dataset.shortcuts !== "off") handleEvent(event, players[0]);
});
