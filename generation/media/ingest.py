"""A clip arrives: it is looked at, checked, brought into the one form, and given its pictures."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generation.media.adopt import Mezzanine, adopt_mezzanine
from generation.media.child import link_or_copy, private_directory
from generation.media.frame import frame_at
from generation.media.normalise import make_mezzanine, planned_frames
from generation.media.poster import Colours, Strip, write_posters, write_strip
from generation.media.preview import write_preview
from generation.media.probe import Limits, Probe, probe
from generation.media.review import Copy, Review, frames_in_file, frames_of_mezzanine, review

ENCODING, LOOKING = 0.9, 0.95  # shares of the whole job at which these steps end


@dataclass(frozen=True)
class Ingested:
    """Everything made of one clip. The files lie in the directory given to `ingest`; sizes are of the mezzanine."""

    mezzanine: Path
    poster: Path
    poster_large: Path
    lines: Path
    preview: Path
    strip: Path
    strip_tiles: Strip
    colours: Colours
    width: int
    height: int
    fps: int
    frames: int
    seconds: float
    has_sound: bool
    format_key: str
    sha256: str
    bytes: int
    intact: bool  # False: parts of some frames were damaged in the source and had to be guessed
    source: Probe | None  # None for a clip this studio drew itself


def ingest(
    source: Path,
    workdir: Path,
    *,
    trusted: bool,
    planned: int | None = None,
    limits: Limits | None = None,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Ingested:
    """Make everything a clip needs out of `source`, into `workdir` (an existing directory, the caller's to remove).

    `trusted` is for files this studio encoded itself: they are mezzanines already, are checked frame by frame and taken
    as they are (`mezzanine` is then a link or copy of `source`). Anything else is decoded apart and encoded anew.
    `planned` is the number of frames that was ordered, if known. Raises MediaRefused, FfmpegFailed or Cancelled.
    """
    target = workdir / "mezzanine.mp4"
    if trusted:
        facts, seen = _adopt(source, target, planned, cancelled)
        before, intact = None, True
    else:
        before = probe(source, workdir=workdir, limits=limits, cancelled=cancelled)
        facts, seen, intact = _normalise(source, target, before, progress, cancelled)
    progress(LOOKING)
    poster, large, lines = (workdir / name for name in ("poster.webp", "poster-large.webp", "lines.webp"))
    preview, strip = workdir / "preview.mp4", workdir / "strip.webp"
    colours = write_posters(frame_at(target, seen.best), poster=poster, large=large, lines=lines)
    write_preview(seen.preview, Copy.of(facts.width, facts.height, facts.fps).fps, preview)
    tiles = write_strip(seen.tiles, strip)
    progress(1.0)
    return Ingested(
        mezzanine=target,
        poster=poster,
        poster_large=large,
        lines=lines,
        preview=preview,
        strip=strip,
        strip_tiles=tiles,
        colours=colours,
        width=facts.width,
        height=facts.height,
        fps=facts.fps,
        frames=facts.frames,
        seconds=facts.seconds,
        has_sound=before.has_sound if before else facts.has_sound,
        format_key=facts.key,
        sha256=_digest(target),
        bytes=target.stat().st_size,
        intact=intact,
        source=before,
    )


def _adopt(source: Path, target: Path, planned: int | None, cancelled: Callable[[], bool]) -> tuple[Mezzanine, Review]:
    facts = adopt_mezzanine(source, planned=planned)
    copy = Copy.of(facts.width, facts.height, facts.fps)
    seen = review(frames_of_mezzanine(source, copy, cancelled=cancelled), copy, facts.frames)
    if source != target:
        link_or_copy(source, target)
    return facts, seen


def _normalise(
    source: Path, target: Path, before: Probe, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> tuple[Mezzanine, Review, bool]:
    with private_directory(target.parent) as directory:
        small = directory / "small.yuv"
        intact = make_mezzanine(
            source,
            target,
            small=small,
            probe=before,
            workdir=target.parent,
            on_progress=lambda share: progress(share * ENCODING),
            cancelled=cancelled,
        )
        facts = adopt_mezzanine(target, planned=planned_frames(before.seconds))
        copy = Copy.of(facts.width, facts.height, facts.fps)
        return facts, review(frames_in_file(small, copy), copy, facts.frames), intact


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
