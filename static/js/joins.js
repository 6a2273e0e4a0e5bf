// How two scenes join while the reel plays: the same joins as in the film, drawn by the style sheet (story-reel.css).

const isThrough = (kind) => kind === "fade_black" || kind === "fade_white";

/** Which part of which join this frame of this shot is, or nothing. `share` is how far the join is, 0 to 1. */
export function partOf(shots, at, frame) {
  const shot = shots[at];
  const before = shots[at - 1];
  if (before && isThrough(before.join) && frame < before.head) {
    return { kind: before.join, share: (before.tail + frame) / (before.tail + before.head) };
  }
  const into = frame - (shot.frames - shot.tail);
  if (!shot.tail || into < 0 || !shots[at + 1]) return null;
  if (isThrough(shot.join)) return { kind: shot.join, share: into / (shot.tail + shot.head) };
  return { kind: shot.join, share: Math.min(1, into / shot.overlap), isOver: true, frame: into };
}

export function paint(reel, { kind, share, isOver }, film, next) {
  reel.dataset.join = kind;
  reel.style.setProperty("--share", isOver ? share : 1 - Math.abs(1 - 2 * share));
  film.classList.remove("is-next");
  next?.classList.add("is-next");
  film.volume = isOver ? 1 - share : 1;
  if (next) next.volume = share;
}

export function clear(reel) {
  delete reel.dataset.join;
  reel.style.removeProperty("--share");
  for (const film of reel.films) {
    film.classList.remove("is-next");
    film.volume = 1;
  }
}
