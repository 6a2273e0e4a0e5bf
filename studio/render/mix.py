"""Mix any part of a film's sound: clips at a common loudness, crossfaded at joins, and music that is softer under them.

Cache keys are computed without numpy where possible, so that merging an unchanged film need not import numpy.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log10, pi
from typing import TYPE_CHECKING

from generation.media.mezzanine import SOUND_RATE
from studio.render.cache import make_key
from studio.render.clip import Clip
from studio.render.layout import get_trimmed_range
from studio.render.loudness import HOPS_PER_FRAME, KIND, SoundReader, compute_level_gain, measure
from studio.render.music_loop import MusicLoop
from studio.render.plan import CUT, Plan, Shot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Mixed = NDArray[np.float32]  # samples × 2
_CUT_FADE = SOUND_RATE // 200  # samples of fade at a cut, to avoid a click
_MUSIC_FADE_OUT = 2 * SOUND_RATE  # samples
_AUDIBLE = 10 ** (-36 / 10)  # mean square of clips' samples above which the music becomes softer ("ducking")
_AMBIENT_UNDER_MUSIC = -15.0  # decibels from the clips' common loudness
_AHEAD, _ATTACK, _RELEASE = 0.1, 0.08, 0.6  # seconds: ducking starts ahead of the sound, fast, and ends slowly


@dataclass(frozen=True)
class Track:
    """One clip's sound in the film. Positions and lengths are samples: `start` in the film, `offset` in the clip."""

    clip: Clip
    start: int
    offset: int
    length: int
    gain: float  # factor
    fade_in: int
    fade_out: int
    is_ambient: bool = False

    def get_key(self, at: int) -> tuple:
        """Return the part of a cache key that describes the track, with positions relative to film sample `at`."""
        gain = round(self.gain, 6)
        return (self.clip.sha256, self.start - at, self.offset, self.length, gain, self.fade_in, self.fade_out)

    def compute_curve(self, first: int, count: int, step: int = 1) -> NDArray[np.float32]:
        """Return the volume factors of `count` samples, every `step`-th from `first`, with equal-power fades at both
        ends.
        """
        import numpy as np

        at = first + np.arange(count, dtype=np.float32) * step + 0.5
        shape = np.full(count, self.gain, np.float32)
        if first < self.fade_in:
            shape *= np.sin(np.clip(at / self.fade_in, 0, 1) * (pi / 2))
        if first + count * step > self.length - self.fade_out:
            shape *= np.sin(np.clip((self.length - at) / self.fade_out, 0, 1) * (pi / 2))
        return shape


def _is_audible(shot: Shot, clip: Clip) -> bool:
    return shot.sound == "kept" and clip.has_sound


class Mix:
    """The sound of a plan, of which any part can be mixed. Several threads may read it at once."""

    def __init__(self, plan: Plan, clips: Sequence[Clip], sounds: SoundReader) -> None:
        self.plan, self.sounds = plan, sounds
        self.length = plan.frames * plan.format.samples
        self.lift = self._compute_lift(clips)
        self.tracks = [track for track in map(self._make_track, range(len(clips)), clips) if track]
        self.music = MusicLoop(plan.music.path, plan.music.sha256) if plan.music else None
        self.music_gain = self._measure_music_gain() if plan.music else 0.0
        if plan.music:
            self.ducking = self._compute_ducking()

    def read(self, start: int, end: int) -> Mixed:
        """Mix the film's samples start…end-1. Returns values between -1 and 1."""
        import numpy as np

        mixed = np.zeros((end - start, 2), np.float32)
        for track in self._tracks_in(start, end):
            first, last = max(start, track.start), min(end, track.start + track.length)
            inside = first - track.start
            samples = self.sounds.load_samples(track.clip)[track.offset + inside :][: last - first]
            curve = track.compute_curve(inside, last - first)
            mixed[first - start : last - start] += samples * (curve / 32768)[:, None]
        if self.music and self.plan.music:
            mixed += self.music.read(start, end - start) * self._music_curve(start, end)[:, None]
        return np.clip(mixed, -1, 1, out=mixed)

    def get_key(self, start: int, end: int) -> str:
        """Return the cache key of the film's samples start…end-1, made of everything they depend on."""
        parts: list[object] = [track.get_key(start) for track in self._tracks_in(start, end)]
        if self.music and self.plan.music:
            hop, ending = self.plan.format.samples // HOPS_PER_FRAME, max(0, end - self.length + _MUSIC_FADE_OUT)
            factors = self.ducking[start // hop : end // hop + 2].tobytes()
            parts += [self.plan.music.sha256, self.plan.music.gain, start, factors, ending and self.length]
        return make_key("mix", end - start, *parts)

    def _make_track(self, number: int, clip: Clip) -> Track | None:
        piece, samples = self.plan.pieces[number], self.plan.format.samples
        if not isinstance(piece, Shot) or not _is_audible(piece, clip):
            return None
        start, end = get_trimmed_range(piece)
        before = self.plan.joins[number - 1] if number else CUT
        after = self.plan.joins[number] if number < len(self.plan.joins) else CUT
        decibels = piece.gain
        if self.plan.is_levelled:
            levels = self.sounds.measure_levels(clip)
            decibels += compute_level_gain(levels.loudness, levels.peak)
        if piece.is_ambient and self.plan.music:
            decibels += _AMBIENT_UNDER_MUSIC + self.lift
        length = (end - start) * samples
        at_cut = min(_CUT_FADE, length // 2)
        fades = (before.head * samples or at_cut, after.tail * samples or at_cut)
        at = self.plan.starts[number] * samples
        return Track(clip, at, start * samples, length, 10 ** (decibels / 20), *fades, is_ambient=piece.is_ambient)

    def _compute_lift(self, clips: Sequence[Clip]) -> float:
        """Return the gain in decibels that brings music and ambient sound together to the clips' common loudness.

        It applies while no other sound is audible. Without levelling, and for uploaded music over other sound, it is 0.
        """
        music, pieces = self.plan.music, zip(self.plan.pieces, clips, strict=True)
        shots = [piece for piece, clip in pieces if isinstance(piece, Shot) and _is_audible(piece, clip)]
        has_only_ambient = bool(shots) and all(shot.is_ambient for shot in shots)
        if not (music and self.plan.is_levelled and (music.is_composed or has_only_ambient)):
            return 0.0
        levels = [music.gain, *([_AMBIENT_UNDER_MUSIC] if any(shot.is_ambient for shot in shots) else [])]
        return -10 * log10(sum(10 ** (level / 10) for level in levels))

    def _tracks_in(self, start: int, end: int) -> list[Track]:
        return [track for track in self.tracks if track.start < end and track.start + track.length > start]

    def _measure_music_gain(self) -> float:
        """Return the music's volume factor without ducking: to the clips' common loudness, times the plan's gain."""
        assert self.music and self.plan.music
        cache, key = self.sounds.cache, make_key("music", self.plan.music.sha256)
        content = cache.load(KIND, key)
        if content is None:
            content = struct.pack("2d", *measure(self.music.read_blocks()))
            cache.store(KIND, key, content)
        loudness, peak = struct.unpack("2d", content)
        return 10 ** ((compute_level_gain(loudness, peak) + self.plan.music.gain) / 20)

    def _compute_ducking(self) -> NDArray[np.float32]:
        """Return the factor of the music's volume (1: neither ducked nor lifted), `HOPS_PER_FRAME` per frame."""
        import numpy as np

        assert self.plan.music
        hop = self.plan.format.samples // HOPS_PER_FRAME
        power = np.zeros(self.plan.frames * HOPS_PER_FRAME + 1, np.float32)
        for track in (track for track in self.tracks if not track.is_ambient):
            clip_power = self.sounds.measure_levels(track.clip).power[track.offset // hop :][: track.length // hop]
            shape = track.compute_curve(0, len(clip_power), hop)
            power[track.start // hop :][: len(clip_power)] += clip_power * np.square(shape)
        audible = power > _AUDIBLE
        for ahead in range(1, round(_AHEAD * SOUND_RATE / hop) + 1):
            audible[:-ahead] |= power[ahead:] > _AUDIBLE
        low, high = 10 ** (self.plan.music.duck / 20), 10 ** (self.lift / 20)
        level = high
        down, up = (1 - exp(-hop / SOUND_RATE / seconds) for seconds in (_ATTACK, _RELEASE))
        factors = np.empty(len(power), np.float32)
        for number, is_audible in enumerate(audible.tolist()):
            level += (low - level) * down if is_audible else (high - level) * up
            factors[number] = level
        return np.round(factors, 4)

    def _music_curve(self, start: int, end: int) -> NDArray[np.float32]:
        """Return the music's volume factor for the film's samples start…end-1."""
        import numpy as np

        hop = self.plan.format.samples // HOPS_PER_FRAME
        at = np.arange(start, end)
        shape = np.interp(at / hop, np.arange(len(self.ducking)), self.ducking)
        shape *= self.music_gain
        if self.plan.music and not self.plan.music.is_composed:
            shape *= np.clip((self.length - at) / _MUSIC_FADE_OUT, 0, 1)
        return shape.astype(np.float32)
