"""Plan → windows → sound → assemble → check: one film, exactly as planned, or none and a reason."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av

from studio.render.aac import encode_part, parts_of
from studio.render.cache import Cache, key_of
from studio.render.clip import Clip
from studio.render.decode_check import prove
from studio.render.errors import Cancelled, FilmRefused, full_disk_in_words
from studio.render.join_cache import is_kept, key_for, render_window, window_packets
from studio.render.layout import Copy, Segment, Window, lay_out
from studio.render.loudness import Ear
from studio.render.mix import Mix
from studio.render.mux import write_film
from studio.render.packets import Packet
from studio.render.plan import Card, Chapter, Plan
from studio.render.ready import fitted, opened
from studio.render.threads import Crew

Progress = Callable[[int, int], None]
WHOLE = 1000
_PREPARED, _DRAWN, _WRITTEN = 150, 900, 970  # how far the merge is when these steps end
_CONFORMED = 0.8  # of what a clip's preparation costs, where it is brought to another size
_SOUND_PART = 12  # what a part of the sound costs, in drawn frames


@dataclass(frozen=True)
class Film:
    """What was made. `copied` frames are those of the clips, bit for bit; of `windows`, `drawn_windows` were not kept
    from an earlier merge."""

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
    cancelled: Callable[[], bool] = lambda: False,
    threads: int | None = None,
) -> Film:
    """Make a film. `out` appears only when it passed its check; `cache` is a directory that makes the next merge short.

    `progress` (rising, told at least five times a second) and `cancelled` (obeyed within a second) are called in the
    caller's thread only. A merge that was stopped or killed goes on where it was when it is called again. Raises
    FilmRefused or Cancelled.
    """
    with full_disk_in_words(), contextlib.ExitStack() as stack:
        kept = Cache(cache)
        kept.sweep()
        crew = stack.enter_context(Crew(cancelled, threads))
        job = _Job(plan, out, kept, crew, _Meter(progress), cancelled, stack)
        job.prepare()
        job.draw()
        return job.publish()


class _Meter:
    """Tells progress, never backwards."""

    def __init__(self, tell: Progress) -> None:
        self.tell, self.told = tell, -1

    def at(self, start: int, end: int, share: float) -> None:
        now = start + int((end - start) * min(1.0, share))
        if now > self.told:
            self.told = now
            self.tell(now, WHOLE)


@dataclass
class _Job:
    plan: Plan
    out: Path
    cache: Cache
    crew: Crew
    meter: _Meter
    cancelled: Callable[[], bool]
    stack: contextlib.ExitStack

    def prepare(self) -> None:
        """Open, prove and bring to the film's format all clips; set the cards."""
        self.heard: list[Clip] = [None] * len(self.plan.pieces)  # type: ignore[list-item]
        self.shown: list[Clip] = [None] * len(self.plan.pieces)  # type: ignore[list-item]
        done = [0.0] * len(self.plan.pieces)
        numbers = range(len(self.plan.pieces))
        self.crew.do(
            [partial(self._prepare_piece, number, done) for number in numbers],
            look=lambda: self.meter.at(0, _PREPARED, sum(done) / len(numbers)),
        )
        self.meter.at(0, _PREPARED, 1)

    def _prepare_piece(self, number: int, done: list[float]) -> None:
        if self.crew.stopped():
            raise Cancelled
        piece = self.plan.pieces[number]
        try:
            if isinstance(piece, Card):
                from studio.render.cards import card_clip  # brings MoviePy and the animatic's fonts along

                make = partial(card_clip, piece, self.plan.format, self.cache, cancelled=self.crew.stopped)
                self.heard[number] = self.shown[number] = card = opened(make, self.cache)
                self.stack.callback(card.close)
            else:
                clip = self.heard[number] = Clip.open(piece.path, piece.sha256, self.cache)
                self.stack.callback(clip.close)
                if clip.fps != self.plan.format.fps or clip.frames != piece.frames:
                    raise FilmRefused(
                        "frames", f"Scene {number + 1} is not as long as it was when the film was planned."
                    )
                shown = self.shown[number] = fitted(
                    clip, self.plan.format, piece.fit, self.cache,
                    tick=lambda share: done.__setitem__(number, share * _CONFORMED), cancelled=self.crew.stopped,
                )  # fmt: skip
                if shown is not clip:
                    self.stack.callback(shown.close)
            if self.shown[number].frames != piece.frames:
                raise FilmRefused("frames", f"Scene {number + 1} lost frames when it was brought to the film's size.")
            prove(self.shown[number], self.cache, cancelled=self.crew.stopped)
        except FilmRefused as refusal:
            refusal.piece = number
            raise
        done[number] = 1.0

    def draw(self) -> None:
        """Draw the windows and encode the sound, as far as they are not kept."""
        self.segments = lay_out(self.plan, self.shown)
        self.windows = [segment for segment in self.segments if isinstance(segment, Window)]
        around = (self.plan.format, self.shown)
        missing = {key_for(w, *around): w for w in self.windows if not is_kept(w, *around, self.cache)}
        self.missing = list(missing.values())
        ear = Ear(self.cache)
        self.crew.do([partial(ear.heard, clip) for clip in self._audible()])
        self.mix = Mix(self.plan, self.heard, ear)
        parts = parts_of(self.mix)
        total = sum(window.frames for window in self.missing) + _SOUND_PART * len(parts)
        ticks: list[int] = []
        self.crew.do(
            [
                *(partial(self._draw_window, window, ticks) for window in self.missing),
                *(partial(self._encode_sound, part, ticks) for part in parts),
            ],
            look=lambda: self.meter.at(_PREPARED, _DRAWN, sum(ticks) / total),
        )
        self.meter.at(_PREPARED, _DRAWN, 1)

    def _audible(self) -> list[Clip]:
        found = {
            clip.sha256: clip for number, clip in enumerate(self.heard) if clip.has_sound and self._is_heard(number)
        }
        return list(found.values())

    def _is_heard(self, number: int) -> bool:
        piece = self.plan.pieces[number]
        return not isinstance(piece, Card) and piece.sound == "kept"

    def _draw_window(self, window: Window, ticks: list[int]) -> None:
        tick = partial(ticks.append, 1)
        render_window(window, self.plan.format, self.shown, self.cache, tick=tick, cancelled=self.crew.stopped)

    def _encode_sound(self, part: int, ticks: list[int]) -> None:
        if self.crew.stopped():
            raise Cancelled
        encode_part(self.mix, part, self.cache, cancelled=self.crew.stopped)
        ticks.append(_SOUND_PART)

    def publish(self) -> Film:
        """Write the film beside its place, check it, and only then give it its name."""
        written = self.out.with_name(f".{self.out.name}.{os.getpid()}.unfinished")
        try:
            sound = self._write(written)
            self.meter.at(_DRAWN, _WRITTEN, 1)
            with written.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            self._check(written, digest, sound)
            if self.cancelled():
                raise Cancelled
            written.replace(self.out)
        finally:
            written.unlink(missing_ok=True)
        self.meter.at(_WRITTEN, WHOLE, 1)
        return self._film(digest)

    def _check(self, written: Path, digest: str, sound: list[int]) -> None:
        """Compare the file with the plan, unless this very file, byte for byte, passed for this very plan before."""
        key = key_of("checked", self.plan.wish, digest, av.library_versions["libavformat"])
        if self.cache.load("checked", key) == digest.encode():
            return
        from studio.render.check import check_file
        from studio.render.expectation import expected_packets
        from studio.render.freeze_detect import check_stillness

        check_stillness(self.plan, self.segments, self.shown, self.cache)
        expected = expected_packets(self.plan, self.segments, self.shown, self.cache)
        check_file(self.plan, written, expected, sound, self.shown[0].extradata, cancelled=self.cancelled)
        self.cache.store("checked", key, digest.encode())

    def _write(self, written: Path) -> list[int]:
        header = encode_part(self.mix, 0, self.cache)[0]
        frames = (frame for part in parts_of(self.mix) for frame in encode_part(self.mix, part, self.cache)[1])
        return write_film(self.plan, self._parts(), frames, header, self.shown[0], written, cancelled=self.cancelled)

    def _parts(self) -> Iterator[tuple[int, Sequence[Packet]]]:
        done = 0
        for segment in self.segments:
            yield segment.frames, self._packets(segment)
            done += segment.frames
            self.meter.at(_DRAWN, _WRITTEN, done / self.plan.frames)

    def _packets(self, segment: Segment) -> list[Packet]:
        if isinstance(segment, Window):
            return window_packets(segment, self.plan.format, self.shown, self.cache, cancelled=self.cancelled)
        clip = self.shown[segment.piece]
        inside = [sample for sample in clip.samples if segment.start <= sample.number < segment.end]
        try:
            return [Packet(sample.number - segment.start, sample.is_door, clip.data(sample)) for sample in inside]
        except FilmRefused as refusal:
            refusal.piece = segment.piece
            raise

    def _film(self, digest: str) -> Film:
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
