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

let isHeldBack = false; // the film, while its reel fills the screen
let replaced = null; // the reel that this swap may replace, and whether it had the focus

document.addEventListener("htmx:before:swap", (event) => {
  const reel = find("cel-reel[waits]");
  replaced = reel && { reel, hadFocus: reel.contains(document.activeElement) };
  const isFilm = event.detail.ctx.text?.includes("<cel-player");
  isHeldBack = isFilm && reel !== null && document.fullscreenElement === reel;
  if (isHeldBack) event.preventDefault();
});

document.addEventListener("fullscreenchange", () => {
  if (isHeldBack && !document.fullscreenElement) find("#first-film")?.dispatchEvent(new Event("live"));
});

document.addEventListener("htmx:after:swap", () => {
  const player = find(".first-film-stage cel-player");
  if (player && replaced && !replaced.reel.isConnected) {
    if (replaced.hadFocus) player.focus({ preventScroll: true });
    continueFilm(player, replaced.reel);
  }
  replaced = null;
});

const once = (video, type) => new Promise((resolve) => video.addEventListener(type, resolve, { once: true }));

/** Moves the film to the place of the reel, and plays it if the reel played. The reel's picture goes on until then. */
async function continueFilm(player, reel) {
  const { video } = player;
  const shot = reel.shots[reel.at];
  const position = (shot?.start ?? 0) + reel.frame;
  if (!position || position >= reel.total - 1) return; // not begun, or watched to the end
  if (reel.isMuted) {
    video.dataset.startedMuted = "";
    video.muted = true;
  }
  const picture = reel.isWaiting ? null : reel.video;
  if (picture) {
    picture.setAttribute("aria-hidden", "true");
    video.after(picture);
    video.addEventListener("error", () => picture.remove(), { once: true });
  }
  player.classList.toggle("playing", reel.isPlaying); // so that no Play button flashes
  const start = Number(player.closest("[data-first-scene]").dataset.firstScene) || 0;
  const findPlace = () => {
    const frame = picture ? picture.currentTime * FPS - shot.trimIn : reel.frame;
    return (start + shot.start + frame + 0.5) / FPS;
  };
  player.seek(findPlace());
  await once(video, "seeked");
  if (picture && reel.isPlaying) {
    video.currentTime = findPlace(); // the picture has moved on while the film was loaded
    await once(video, "seeked");
  }
  picture?.remove();
  if (reel.isPlaying) video.play().catch(() => player.update());
}
