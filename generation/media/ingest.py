"""A clip arrives: it is looked at, checked, brought into the one form, and given its pictures."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.media.child_process import link_or_copy, private_directory
from generation.media.frame import read_frame
from generation.media.mezzanine_check import Mezzanine, check_mezzanine
from generation.media.normalise import count_frames, encode_mezzanine
from generation.media.poster import Strip, write_posters, write_strip
from generation.media.preview import write_preview
from generation.media.probe import Limits, Probe, probe
from generation.media.review import Proxy, Review, decode_proxy_frames, read_raw_frames, review_frames

KINDS = ("mezzanine", "poster", "poster_large", "genga", "preview", "sprite")
ENCODED_STEP, REVIEWED_STEP, TOTAL_STEPS = 900, 950, 1000  # how far the job is when these steps end


@dataclass(frozen=True)
class IngestedClip:
    """Everything made of one clip. The files lie in the directory given to `ingest`; sizes are of the mezzanine."""

    mezzanine: Path
    poster: Path
    poster_large: Path
    genga: Path
    preview: Path
    sprite: Path
    sprite_tiles: Strip
    colour: str
    colour_grid: tuple[str, ...]
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

    @property
    def files(self) -> dict[str, Path]:
        """What is to be kept, by kind."""
        return {kind: getattr(self, kind) for kind in KINDS}


def ingest(
    source: Path,
    workdir: Path,
    *,
    is_trusted: bool,
    expected_frames: int | None = None,
    limits: Limits | None = None,
    reject_blank: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> IngestedClip:
    """Make everything a clip needs out of `source`, into `workdir` (an existing directory, the caller's to remove).

    `trusted` is for files this studio encoded itself: they are mezzanines already, are checked frame by frame and taken
    as they are (`mezzanine` is then a link or copy of `source`). Anything else is decoded apart and encoded anew.
    `planned` is the number of frames that was ordered, if known; `progress` is told what is done of how much. A black
    or frozen clip is refused if `judged`; one that somebody paid for is theirs to judge. Raises MediaRefused,
    FfmpegFailed or Cancelled.
    """
    target = workdir / "mezzanine.mp4"
    if is_trusted:
        before, intact = None, True
        facts, seen = _adopt(source, target, expected_frames, is_cancelled, reject_blank)
    else:
        before = probe(source, workdir=workdir, limits=limits, is_cancelled=is_cancelled)
        facts, seen, intact = _normalise(source, target, before, progress, is_cancelled, reject_blank)
    progress(REVIEWED_STEP, TOTAL_STEPS)
    made = _write_pictures(target, workdir, facts, seen)
    progress(TOTAL_STEPS, TOTAL_STEPS)
    return IngestedClip(
        mezzanine=target,
        **made,
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


def _write_pictures(clip: Path, workdir: Path, facts: Mezzanine, seen: Review) -> dict[str, Any]:
    """Write the stills and the preview; returns the fields of Ingested that say what they are."""
    poster, large, genga, sprite = (workdir / f"{kind}.webp" for kind in ("poster", "poster_large", "genga", "sprite"))
    preview = workdir / "preview.mp4"
    colours = write_posters(read_frame(clip, seen.best), poster=poster, large=large, genga=genga)
    tiles = write_strip(seen.tiles, sprite)
    write_preview(seen.preview, Proxy.of(facts.width, facts.height, facts.fps).fps, preview)
    return {
        "poster": poster,
        "poster_large": large,
        "genga": genga,
        "preview": preview,
        "sprite": sprite,
        "sprite_tiles": tiles,
        "colour": colours.average,
        "colour_grid": colours.grid,
    }


def _adopt(
    source: Path, target: Path, expected_frames: int | None, is_cancelled: Callable[[], bool], reject_blank: bool
) -> tuple[Mezzanine, Review]:
    facts = check_mezzanine(source, expected_frames=expected_frames)
    proxy = Proxy.of(facts.width, facts.height, facts.fps)
    seen = review_frames(
        decode_proxy_frames(source, proxy, is_cancelled=is_cancelled), proxy, facts.frames, reject_blank=reject_blank
    )
    if source != target:
        link_or_copy(source, target)
    return facts, seen


def _normalise(
    source: Path,
    target: Path,
    before: Probe,
    progress: Callable[[int, int], None],
    is_cancelled: Callable[[], bool],
    reject_blank: bool,
) -> tuple[Mezzanine, Review, bool]:
    with private_directory(target.parent) as directory:
        proxy_file = directory / "small.yuv"
        intact = encode_mezzanine(
            source,
            target,
            proxy_out=proxy_file,
            probe=before,
            workdir=target.parent,
            on_progress=lambda share: progress(int(share * ENCODED_STEP), TOTAL_STEPS),
            is_cancelled=is_cancelled,
        )
        facts = check_mezzanine(target, expected_frames=count_frames(before.seconds))
        proxy = Proxy.of(facts.width, facts.height, facts.fps)
        return (
            facts,
            review_frames(read_raw_frames(proxy_file, proxy), proxy, facts.frames, reject_blank=reject_blank),
            intact,
        )


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
