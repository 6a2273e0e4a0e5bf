// The film in the making: its reel starts by itself, without sound, and the film that replaces it goes on where it was.
import { find, prefersReducedMotion } from "./dom.js";

const FPS = 24;

/** Plays the reel once its first scene is drawn, except for users who want less motion. */
export async function startReel(reel) {
  await customElements.whenDefined("cel-reel");
  if (prefersReducedMotion() || reel.isPlaying) return;
  reel.handleChange(); // the list of shots may have come after the reel
  reel.mute();
  reel.play();
}

let replaced = null; // the reel that this swap may replace, and whether it had the focus

document.addEventListener("htmx:before:swap", (event) => {
  const reel = find("cel-reel[waits]");
  replaced = reel && { reel, hadFocus: reel.contains(document.activeElement) };
  const isFilm = event.detail.ctx.text?.includes("<cel-player");
  if (isFilm && reel && document.fullscreenElement === reel) event.preventDefault(); // the next poll asks again
});

document.addEventListener("htmx:after:swap", () => {
  const player = find(".first-film-stage cel-player");
  if (player && replaced && !replaced.reel.isConnected) {
    if (replaced.hadFocus) player.focus({ preventScroll: true });
    continueFilm(player, replaced.reel);
  }
  replaced = null;
});

/** Moves the film to the place of the reel, and plays it if the reel played. The reel's picture stays until then. */
function continueFilm(player, reel) {
  const { video } = player;
  const position = (reel.shots[reel.at]?.start ?? 0) + reel.frame;
  if (!position || position >= reel.total - 1) return; // not begun, or watched to the end
  if (reel.isMuted) {
    video.dataset.startedMuted = "";
    video.muted = true;
  }
  const picture = reel.isWaiting ? null : reel.video;
  if (picture) {
    picture.setAttribute("aria-hidden", "true");
    video.after(picture);
  }
  const start = Number(player.closest("[data-first-scene]").dataset.firstScene) || 0;
  for (const type of ["seeked", "error"]) video.addEventListener(type, () => picture?.remove(), { once: true });
  player.seek((start + position + 0.5) / FPS);
  if (reel.isPlaying) video.play().catch(() => {});
}
