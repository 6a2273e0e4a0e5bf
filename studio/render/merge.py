"""Merge a plan into one film: prepare clips, draw windows, encode sound, write the file and check it."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av

from studio.render.aac import encode_part, list_parts
from studio.render.cache import Cache, make_key
from studio.render.clip import Clip
from studio.render.decode_check import verify_decode
from studio.render.errors import Cancelled, FilmRefused, translate_disk_full
from studio.render.join_cache import is_cached, load_window_packets, make_window_key, render_window
from studio.render.layout import Copy, Segment, Window, build_segments
from studio.render.loudness import SoundReader
from studio.render.mix import Mix
from studio.render.mux import write_film
from studio.render.packets import Packet
from studio.render.plan import Card, Chapter, Plan
from studio.render.prepare import fit_clip, open_cached
from studio.render.threads import ThreadGroup

Progress = Callable[[int, int], None]
TOTAL = 1000
_PREPARED, _DRAWN, _WRITTEN = 150, 900, 970  # progress (of TOTAL) at the end of each step
_RESIZE_SHARE = 0.8  # share of resizing in the cost of preparing a clip of another size
_SOUND_PART_COST = 12  # cost of encoding a part of the sound, in drawn frames


@dataclass(frozen=True)
class Film:
    """The file of a merged film and how it was made.

    ``copied`` frames were taken from the clips without encoding them again. The other frames are drawn in windows
    (transitions, titles); ``drawn_windows`` of the ``windows`` were not in the cache.
    """

    path: Path
    frames: int
    fps: int
    seconds: float
    bytes: int
    sha256: str
    format_key: str
    copied: int
    windows: int
    drawn_windows: int
    chapters: tuple[Chapter, ...]


def merge(
    plan: Plan,
    out: Path,
    *,
    cache: Path,
    progress: Progress = lambda done, total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    threads: int | None = None,
) -> Film:
    """Render a film to `out`, which appears only after it passed all checks.

    `cache`: folder of finished parts, from which an interrupted merge resumes when it is called again. `progress(done,
    total)`, which never decreases, and `is_cancelled` are called in the caller's thread, several times per second.
    Raises FilmRefused or Cancelled.
    """
    with translate_disk_full(), contextlib.ExitStack() as stack:
        store = Cache(cache)
        store.remove_unfinished()
        group = stack.enter_context(ThreadGroup(is_cancelled, threads))
        job = _Job(plan, out, store, group, _ProgressMeter(progress), is_cancelled, stack)
        job.prepare()
        job.draw()
        return job.publish()


class _ProgressMeter:
    """Filter that reports only progress that increases."""

    def __init__(self, report: Progress) -> None:
        self.report, self.reported = report, -1

    def advance(self, start: int, end: int, share: float) -> None:
        now = start + int((end - start) * min(1.0, share))
        if now > self.reported:
            self.reported = now
            self.report(now, TOTAL)


@dataclass
class _Job:
    plan: Plan
    out: Path
    cache: Cache
    threads: ThreadGroup
    meter: _ProgressMeter
    is_cancelled: Callable[[], bool]
    stack: contextlib.ExitStack

    def prepare(self) -> None:
        """Open, verify and resize all clips, and render the cards.

        `sources`: the clips as planned. `shown`: the same clips in the film's format.
        """
        self.sources: list[Clip] = [None] * len(self.plan.pieces)
        self.shown: list[Clip] = [None] * len(self.plan.pieces)
        done = [0.0] * len(self.plan.pieces)
        numbers = range(len(self.plan.pieces))
        self.threads.run_all(
            [partial(self._prepare_piece, number, done) for number in numbers],
            on_wait=lambda: self.meter.advance(0, _PREPARED, sum(done) / len(numbers)),
        )
        self.meter.advance(0, _PREPARED, 1)

    def _prepare_piece(self, number: int, done: list[float]) -> None:
        if self.threads.is_stopped():
            raise Cancelled
        piece = self.plan.pieces[number]
        try:
            if isinstance(piece, Card):
                from studio.render.cards import make_card_clip  # imports MoviePy and the animatic's fonts

                make = partial(
                    make_card_clip, piece, self.plan.format, self.cache, is_cancelled=self.threads.is_stopped
                )
                self.sources[number] = self.shown[number] = card = open_cached(make, self.cache)
                self.stack.callback(card.close)
            else:
                clip = self.sources[number] = Clip.open(piece.path, piece.sha256, self.cache)
                self.stack.callback(clip.close)
                if clip.fps != self.plan.format.fps or clip.frames != piece.frames:
                    raise FilmRefused(
                        "frames", f"Scene {number + 1} is not as long as it was when the film was planned."
                    )
                shown = self.shown[number] = fit_clip(
                    clip,
                    self.plan.format,
                    piece.fit,
                    self.cache,
                    tick=lambda share: done.__setitem__(number, share * _RESIZE_SHARE),
                    is_cancelled=self.threads.is_stopped,
                )
                if shown is not clip:
                    self.stack.callback(shown.close)
            if self.shown[number].frames != piece.frames:
                raise FilmRefused("frames", f"Scene {number + 1} lost frames when it was brought to the film's size.")
            verify_decode(self.shown[number], self.cache, is_cancelled=self.threads.is_stopped)
        except FilmRefused as refusal:
            refusal.piece = number
            raise
        done[number] = 1.0

    def draw(self) -> None:
        """Draw the windows and encode the sound, unless they are cached."""
        self.segments = build_segments(self.plan, self.shown)
        self.windows = [segment for segment in self.segments if isinstance(segment, Window)]
        context = (self.plan.format, self.shown)
        missing = {
            make_window_key(window, *context): window
            for window in self.windows
            if not is_cached(window, *context, self.cache)
        }
        self.missing = list(missing.values())
        sounds = SoundReader(self.cache)
        self.threads.run_all([partial(sounds.measure_levels, clip) for clip in self._audible_clips()])
        self.mix = Mix(self.plan, self.sources, sounds)
        parts = list_parts(self.mix)
        total = sum(window.frames for window in self.missing) + _SOUND_PART_COST * len(parts)
        ticks: list[int] = []
        self.threads.run_all(
            [
                *(partial(self._draw_window, window, ticks) for window in self.missing),
                *(partial(self._encode_sound, part, ticks) for part in parts),
            ],
            on_wait=lambda: self.meter.advance(_PREPARED, _DRAWN, sum(ticks) / total),
        )
        self.meter.advance(_PREPARED, _DRAWN, 1)

    def _audible_clips(self) -> list[Clip]:
        found = {
            clip.sha256: clip
            for piece, clip in zip(self.plan.pieces, self.sources, strict=True)
            if clip.has_sound and not isinstance(piece, Card) and piece.sound == "kept"
        }
        return list(found.values())

    def _draw_window(self, window: Window, ticks: list[int]) -> None:
        tick = partial(ticks.append, 1)
        render_window(window, self.plan.format, self.shown, self.cache, tick=tick, is_cancelled=self.threads.is_stopped)

    def _encode_sound(self, part: int, ticks: list[int]) -> None:
        if self.threads.is_stopped():
            raise Cancelled
        encode_part(self.mix, part, self.cache, is_cancelled=self.threads.is_stopped)
        ticks.append(_SOUND_PART_COST)

    def publish(self) -> Film:
        """Write the film beside `out`, check the file and rename it to `out`. Returns the film."""
        written = self.out.with_name(f".{self.out.name}.{os.getpid()}.unfinished")
        try:
            sound = self._write_file(written)
            self.meter.advance(_DRAWN, _WRITTEN, 1)
            with written.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            self._check(written, digest, sound)
            if self.is_cancelled():
                raise Cancelled
            written.replace(self.out)
        finally:
            written.unlink(missing_ok=True)
        self.meter.advance(_WRITTEN, TOTAL, 1)
        return self._describe_film(digest)

    def _check(self, written: Path, digest: str, sound: list[int]) -> None:
        """Compare the file with the plan, unless an identical file passed the checks for an identical plan before."""
        key = make_key("checked", self.plan.fingerprint, digest, av.library_versions["libavformat"])
        if self.cache.load("checked", key) == digest.encode():
            return
        from studio.render.checks import check_file, list_expected_packets
        from studio.render.freeze_detect import check_freezes

        check_freezes(self.plan, self.segments, self.shown, self.cache)
        expected = list_expected_packets(self.plan, self.segments, self.shown, self.cache)
        check_file(self.plan, written, expected, sound, self.shown[0].extradata, is_cancelled=self.is_cancelled)
        self.cache.store("checked", key, digest.encode())

    def _write_file(self, written: Path) -> list[int]:
        header = encode_part(self.mix, 0, self.cache)[0]
        frames = (frame for part in list_parts(self.mix) for frame in encode_part(self.mix, part, self.cache)[1])
        return write_film(
            self.plan, self._yield_parts(), frames, header, self.shown[0], written, is_cancelled=self.is_cancelled
        )

    def _yield_parts(self) -> Iterator[tuple[int, Sequence[Packet]]]:
        done = 0
        for segment in self.segments:
            yield segment.frames, self._get_packets(segment)
            done += segment.frames
            self.meter.advance(_DRAWN, _WRITTEN, done / self.plan.frames)

    def _get_packets(self, segment: Segment) -> list[Packet]:
        if isinstance(segment, Window):
            return load_window_packets(
                segment, self.plan.format, self.shown, self.cache, is_cancelled=self.is_cancelled
            )
        clip = self.shown[segment.piece]
        inside = [sample for sample in clip.samples if segment.start <= sample.number < segment.end]
        try:
            return [Packet(sample.number - segment.start, sample.is_idr, clip.read_packet(sample)) for sample in inside]
        except FilmRefused as refusal:
            refusal.piece = segment.piece
            raise

    def _describe_film(self, digest: str) -> Film:
        return Film(
            path=self.out,
            frames=self.plan.frames,
            fps=self.plan.format.fps,
            seconds=self.plan.seconds,
            bytes=self.out.stat().st_size,
            sha256=digest,
            format_key=self.plan.format.key,
            copied=sum(segment.frames for segment in self.segments if isinstance(segment, Copy)),
            windows=len(self.windows),
            drawn_windows=len(self.missing),
            chapters=self.plan.chapters,
        )
