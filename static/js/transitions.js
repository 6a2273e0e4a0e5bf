// Transitions of the reel, drawn by the style sheet (story-reel.css) like those of the film.

const isFade = (kind) => kind === "fade_black" || kind === "fade_white";

/** Returns the transition at this frame of this shot and its progress (`share`, 0 to 1), or null. */
export function findTransition(shots, index, frame) {
  const shot = shots[index];
  const previous = shots[index - 1];
  if (previous && isFade(previous.join) && frame < previous.head) {
    return { kind: previous.join, share: (previous.tail + frame) / (previous.tail + previous.head) };
  }
  const offset = frame - (shot.frames - shot.tail);
  if (!shot.tail || offset < 0 || !shots[index + 1]) return null;
  if (isFade(shot.join)) return { kind: shot.join, share: offset / (shot.tail + shot.head) };
  return { kind: shot.join, share: Math.min(1, offset / shot.overlap), isOverlapping: true, frame: offset };
}

export function showTransition(reel, { kind, share, isOverlapping }, video, next) {
  reel.dataset.join = kind;
  reel.style.setProperty("--share", isOverlapping ? share : 1 - Math.abs(1 - 2 * share));
  video.classList.remove("is-next");
  next?.classList.add("is-next");
  video.volume = isOverlapping ? 1 - share : 1;
  if (next) next.volume = share;
}

export function clearTransition(reel) {
  delete reel.dataset.join;
  reel.style.removeProperty("--share");
  for (const video of reel.videos) {
    video.classList.remove("is-next");
    video.volume = 1;
  }
}
