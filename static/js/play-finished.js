// A clip that was drawn while its page was open plays once, without sound, as soon as it is finished.
import { initialize, prefersReducedMotion } from "./dom.js";

const drawn = new Set(); // ids of the jobs that this page showed before they were finished

export const playWhenFinished = ({ id }) => drawn.add(id);

initialize(".clip-main cel-player", async (player) => {
  if (!drawn.delete(player.parentElement.id) || prefersReducedMotion()) return;
  await customElements.whenDefined("cel-player");
  const { video } = player;
  video.dataset.startedMuted = ""; // not the user's choice
  video.muted = true;
  video.play().catch(() => player.update());
});
