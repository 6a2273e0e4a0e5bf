"""The sound of a film, any part of it by itself: clips at one level, crossfaded at joins, over a ducked music bed.

What a part depends on is known without numpy, so that an unchanged film need not import it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, pi
from typing import TYPE_CHECKING

from generation.media.mezzanine import SOUND_RATE
from studio.render.cache import key_of
from studio.render.clip import Clip
from studio.render.layout import kept
from studio.render.loudness import HOPS, Ear, levelling, measure
from studio.render.music_loop import Reel
from studio.render.plan import CUT, Join, Plan, Shot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Mixed = NDArray[np.float32]  # samples × 2
_CLICK = SOUND_RATE // 200  # samples by which sound is led in and out at a cut, so that it does not click
_LEAD_OUT = 2 * SOUND_RATE  # samples over which the music ends
_LOUD = 10 ** (-36 / 10)  # mean square above which something counts as heard
_AHEAD, _ATTACK, _RELEASE = 0.1, 0.08, 0.6  # seconds: ducking starts early, goes down fast and comes back slowly


@dataclass(frozen=True)
class Track:
    """One clip's sound in the film, in samples. `start` is in the film, `offset` in the clip."""

    clip: Clip
    start: int
    offset: int
    length: int
    gain: float  # factor
    lead_in: int
    lead_out: int

    def key(self, at: int) -> tuple:
        """What it adds to the film, seen from sample `at`."""
        gain = round(self.gain, 6)
        return (self.clip.sha256, self.start - at, self.offset, self.length, gain, self.lead_in, self.lead_out)

    def curve(self, first: int, count: int, step: int = 1) -> NDArray[np.float32]:
        """The factor for `count` of its samples from `first` on, every `step`-th: equal power where two cross."""
        import numpy as np

        at = first + np.arange(count, dtype=np.float32) * step + 0.5
        shape = np.full(count, self.gain, np.float32)
        if first < self.lead_in:
            shape *= np.sin(np.clip(at / self.lead_in, 0, 1) * (pi / 2))
        if first + count * step > self.length - self.lead_out:
            shape *= np.sin(np.clip((self.length - at) / self.lead_out, 0, 1) * (pi / 2))
        return shape


class Mix:
    """The whole sound of a plan, made in parts. Several threads may read it."""

    def __init__(self, plan: Plan, clips: Sequence[Clip], ear: Ear) -> None:
        self.plan, self.ear = plan, ear
        self.length = plan.frames * plan.format.samples
        self.tracks = [track for track in map(self._track, range(len(clips)), clips) if track]
        self.reel = Reel(plan.music.path, plan.music.sha256) if plan.music else None
        self.music_gain = self._music_gain() if plan.music else 0.0
        if plan.music:
            self.ducked = self._ducking()

    def read(self, start: int, end: int) -> Mixed:
        """Samples start…end-1 of the film, between -1 and 1."""
        import numpy as np

        mixed = np.zeros((end - start, 2), np.float32)
        for track in self._heard_in(start, end):
            first, last = max(start, track.start), min(end, track.start + track.length)
            inside = first - track.start
            samples = self.ear.samples(track.clip)[track.offset + inside :][: last - first]
            curve = track.curve(inside, last - first)
            mixed[first - start : last - start] += samples * (curve / 32768)[:, None]
        if self.reel and self.plan.music:
            mixed += self.reel.read(start, end - start) * self._bed(start, end)[:, None]
        return np.clip(mixed, -1, 1, out=mixed)

    def key(self, start: int, end: int) -> str:
        """What samples start…end-1 depend on."""
        parts: list[object] = [track.key(start) for track in self._heard_in(start, end)]
        if self.reel and self.plan.music:
            hop, ending = self.plan.format.samples // HOPS, max(0, end - self.length + _LEAD_OUT)
            factors = self.ducked[start // hop : end // hop + 2].tobytes()
            parts += [self.plan.music.sha256, self.plan.music.gain, start, factors, ending and self.length]
        return key_of("mix", end - start, *parts)

    def _track(self, number: int, clip: Clip) -> Track | None:
        piece, samples = self.plan.pieces[number], self.plan.format.samples
        if not isinstance(piece, Shot) or piece.sound == "muted" or not clip.has_sound:
            return None
        start, end = kept(piece)
        before = self.plan.joins[number - 1] if number else CUT
        after = self.plan.joins[number] if number < len(self.plan.joins) else CUT
        decibels = piece.gain + (_level(self.ear, clip) if self.plan.levelled else 0.0)
        length = (end - start) * samples
        leads = (_lead(before, before.head * samples, length), _lead(after, after.tail * samples, length))
        at = self.plan.starts[number] * samples
        return Track(clip, at, start * samples, length, 10 ** (decibels / 20), *leads)

    def _heard_in(self, start: int, end: int) -> list[Track]:
        return [track for track in self.tracks if track.start < end and track.start + track.length > start]

    def _music_gain(self) -> float:
        """The music's factor where it is not ducked: it is brought to the clips' level, then made softer or louder."""
        assert self.reel and self.plan.music
        content = self.ear.cache.load("heard", key := key_of("music", self.plan.music.sha256))
        if content is None:
            content = struct.pack("2d", *measure(self.reel.blocks()))
            self.ear.cache.store("heard", key, content)
        loudness, peak = struct.unpack("2d", content)
        return 10 ** ((levelling(loudness, peak) + self.plan.music.gain) / 20)

    def _ducking(self) -> NDArray[np.float32]:
        """The music's factor at every hop of the film."""
        import numpy as np

        assert self.plan.music
        hop = self.plan.format.samples // HOPS
        power = np.zeros(self.plan.frames * HOPS + 1, np.float32)
        for track in self.tracks:
            heard = self.ear.heard(track.clip).power[track.offset // hop :][: track.length // hop]
            shape = track.curve(0, len(heard), hop)
            power[track.start // hop :][: len(heard)] += heard * np.square(shape)
        loud = power > _LOUD
        for ahead in range(1, round(_AHEAD * SOUND_RATE / hop) + 1):
            loud[:-ahead] |= power[ahead:] > _LOUD
        low, level = 10 ** (self.plan.music.duck / 20), 1.0
        down, up = (1 - exp(-hop / SOUND_RATE / seconds) for seconds in (_ATTACK, _RELEASE))
        found = np.empty(len(power), np.float32)
        for number, is_loud in enumerate(loud.tolist()):
            level += (low - level) * down if is_loud else (1 - level) * up
            found[number] = level
        return np.round(found, 4)

    def _bed(self, start: int, end: int) -> NDArray[np.float32]:
        """The music's factor for every sample."""
        import numpy as np

        hop = self.plan.format.samples // HOPS
        at = np.arange(start, end)
        shape = np.interp(at / hop, np.arange(len(self.ducked)), self.ducked)
        shape *= self.music_gain * np.clip((self.length - at) / _LEAD_OUT, 0, 1)
        return shape.astype(np.float32)


def _level(ear: Ear, clip: Clip) -> float:
    heard = ear.heard(clip)
    return levelling(heard.loudness, heard.peak)


def _lead(join: Join, samples: int, length: int) -> int:
    """Over how many samples sound comes or goes at a join."""
    return samples or min(_CLICK, length // 2)
