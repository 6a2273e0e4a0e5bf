"""Ingest a clip: check it, convert it to a mezzanine, and create its posters and previews."""

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
ENCODED_STEP, REVIEWED_STEP, TOTAL_STEPS = 900, 950, 1000  # progress at the end of these steps


@dataclass(frozen=True)
class IngestedClip:
    """Files and facts of one clip. The files are in the directory given to `ingest`; facts describe the mezzanine."""

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
    intact: bool  # False if damaged parts of some frames were concealed
    source: Probe | None  # None for a clip drawn by this studio

    @property
    def files(self) -> dict[str, Path]:
        """Return the files to store, by kind."""
        return {kind: getattr(self, kind) for kind in KINDS}


def ingest(
    source: Path,
    workdir: Path,
    *,
    is_trusted: bool,
    expected_frames: int | None = None,
    limits: Limits | None = None,
    reject_blank: bool = True,
    poster_from: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> IngestedClip:
    """Create all files of a clip from `source` in `workdir` (an existing directory that the caller deletes).

    `is_trusted`: `source` is a mezzanine of this studio, which is checked frame by frame and stored unchanged; other
    files are decoded in a sandbox and re-encoded. `expected_frames`: number of frames ordered, if known.
    `reject_blank`: refuse black and frozen clips; pass False for a paid clip, which its owner should judge.
    `poster_from`: the first frame that may become the poster, if a later one can. Raises
    MediaRefused, FfmpegFailed or Cancelled.
    """
    target = workdir / "mezzanine.mp4"
    if is_trusted:
        source_probe, intact = None, True
        facts, review = _check_trusted(source, target, expected_frames, is_cancelled, reject_blank, poster_from)
    else:
        source_probe = probe(source, workdir=workdir, limits=limits, is_cancelled=is_cancelled)
        facts, review, intact = _convert_untrusted(
            source, target, source_probe, progress, is_cancelled, reject_blank, poster_from
        )
    progress(REVIEWED_STEP, TOTAL_STEPS)
    pictures = _write_pictures(target, workdir, facts, review)
    progress(TOTAL_STEPS, TOTAL_STEPS)
    has_sound = source_probe.has_sound if source_probe else facts.has_sound
    return IngestedClip(**pictures, **_describe(target, facts), has_sound=has_sound, intact=intact, source=source_probe)


def _describe(clip: Path, facts: Mezzanine) -> dict[str, Any]:
    """Return the fields of IngestedClip for the mezzanine file."""
    return {
        "mezzanine": clip,
        "width": facts.width,
        "height": facts.height,
        "fps": facts.fps,
        "frames": facts.frames,
        "seconds": facts.seconds,
        "format_key": facts.key,
        "sha256": _digest(clip),
        "bytes": clip.stat().st_size,
    }


def _write_pictures(clip: Path, workdir: Path, facts: Mezzanine, review: Review) -> dict[str, Any]:
    """Write stills and preview of a clip. Returns the fields of IngestedClip for these files."""
    poster, large, genga, sprite = (workdir / f"{kind}.webp" for kind in ("poster", "poster_large", "genga", "sprite"))
    preview = workdir / "preview.mp4"
    colours = write_posters(read_frame(clip, review.best), poster=poster, large=large, genga=genga)
    tiles = write_strip(review.tiles, sprite)
    write_preview(review.preview, Proxy.of(facts.width, facts.height, facts.fps).fps, preview)
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


def _check_trusted(
    source: Path,
    target: Path,
    expected_frames: int | None,
    is_cancelled: Callable[[], bool],
    reject_blank: bool,
    poster_from: int,
) -> tuple[Mezzanine, Review]:
    facts = check_mezzanine(source, expected_frames=expected_frames)
    proxy = Proxy.of(facts.width, facts.height, facts.fps)
    review = review_frames(
        decode_proxy_frames(source, proxy, is_cancelled=is_cancelled),
        proxy,
        facts.frames,
        reject_blank=reject_blank,
        poster_from=poster_from,
    )
    if source != target:
        link_or_copy(source, target)
    return facts, review


def _convert_untrusted(
    source: Path,
    target: Path,
    source_probe: Probe,
    progress: Callable[[int, int], None],
    is_cancelled: Callable[[], bool],
    reject_blank: bool,
    poster_from: int,
) -> tuple[Mezzanine, Review, bool]:
    with private_directory(target.parent) as directory:
        proxy_file = directory / "small.yuv"
        intact = encode_mezzanine(
            source,
            target,
            proxy_out=proxy_file,
            probe=source_probe,
            workdir=target.parent,
            on_progress=lambda share: progress(int(share * ENCODED_STEP), TOTAL_STEPS),
            is_cancelled=is_cancelled,
        )
        facts = check_mezzanine(target, expected_frames=count_frames(source_probe.seconds))
        proxy = Proxy.of(facts.width, facts.height, facts.fps)
        frames = read_raw_frames(proxy_file, proxy)
        review = review_frames(frames, proxy, facts.frames, reject_blank=reject_blank, poster_from=poster_from)
        return facts, review, intact


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
