// Load the video again where it was when its link expired: the address of the page's video leads to a new link. The player
// does the same (player.js); this is for pages that have only the browser's own.
const RETRY_WINDOW_MS = 10_000; // a second error within this time is final

const video = document.querySelector("video");
let failedAt = -Infinity;

video?.addEventListener("error", () => {
  const { currentTime, paused } = video;
  if (performance.now() - failedAt < RETRY_WINDOW_MS) return;
  failedAt = performance.now();
  video.addEventListener("loadedmetadata", () => (video.currentTime = currentTime), { once: true });
  video.load();
  if (!paused) video.play().catch(() => {});
});
