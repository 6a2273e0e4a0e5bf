"""Five moods of music composed from the seed: chords, bass, a figure and a recurring melody."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .loudness import SAMPLE_RATE
from .tone import add_reverb, create_noise, create_sine, create_tone, decay_envelope, note_frequency, swell_envelope

MAJOR, MINOR, DORIAN = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10)


@dataclass(frozen=True)
class Mood:
    """Parameters of the music of a mood. Levels are factors; the music is normalised afterwards."""

    bpm: float
    scale: tuple[int, ...]
    chords: tuple[tuple[int, ...], ...]  # alternative progressions: a step of the scale per bar
    figure: float  # share of the eighths of a bar that the figure plays
    melody: float  # share of the beats of a bar that the melody plays
    bell: tuple[float, float]  # decay rate of struck tones: figure, melody
    pad: float  # level of the held chords
    bass: tuple[float, ...]  # beats of the bar on which the bass plays
    brush: float = 0.0  # level of the brushes
    echo: float = 0.38  # level of the reverb
    octave: int = 12  # semitones by which figure and melody are raised


CLOSING_SECONDS = 4.0  # for which the closing chord rings
EIGHTHS = tuple(np.arange(0, 4, 0.5).tolist())
MOODS = {
    "gentle": Mood(70, MAJOR, ((0, 5, 3, 4), (0, 2, 3, 4), (3, 0, 4, 5)), 0.55, 0.45, (2.6, 2.0), 0.9, (0,)),
    "hopeful": Mood(94, MAJOR, ((3, 4, 2, 5), (0, 4, 5, 3), (5, 3, 0, 4)), 0.85, 0.6, (3.2, 2.2), 1.0, (0, 2), 0.10),
    "tense": Mood(112, MINOR, ((0, 5, 3, 4), (0, 0, 5, 6)), 0.0, 0.15, (5.0, 2.0), 1.1, EIGHTHS, 0.2, 0.3, 0),
    "mysterious": Mood(64, DORIAN, ((0, 3, 0, 6), (0, 1, 3, 1)), 0.3, 0.35, (1.5, 1.2), 1.2, (0,), 0.0, 0.6),
    "playful": Mood(126, MAJOR, ((0, 3, 4, 0), (0, 5, 1, 4)), 0.75, 0.7, (7.0, 4.0), 0.25, (0, 1.5, 2, 3), 0.22, 0.2),
}  # fmt: skip


def compose_music(
    mood: str, samples: int, rng: np.random.Generator, check_cancelled: Callable[[], None] = lambda: None
) -> np.ndarray:
    """Compose music in a mood: float32, samples × 2, not normalised.

    ``check_cancelled`` is called before every bar and may raise.
    """
    m = MOODS[mood]
    piece = _Piece(m, samples, rng)
    bars = int(samples / SAMPLE_RATE / piece.bar) + 1
    for index in range(bars):
        check_cancelled()
        piece.write_bar(index, piece.chords[index % len(piece.chords)])
    check_cancelled()
    return add_reverb(piece.sound, rng, 1.8, m.echo)


def compose_piece(
    mood: str, samples: int, rng: np.random.Generator, check_cancelled: Callable[[], None] = lambda: None
) -> np.ndarray:
    """Compose music that ends after exactly ``samples``: float32, samples × 2, not normalised.

    The tempo is fitted so that a whole number of bars fills the length, except the last seconds, in which the closing
    chord, the tonic, fades away. ``check_cancelled`` is called before every bar and may raise.
    """
    m, seconds = MOODS[mood], samples / SAMPLE_RATE
    ending = min(CLOSING_SECONDS, seconds / 2)
    bars = max(1, round((seconds - ending) * m.bpm / 240))
    piece = _Piece(m, samples, rng, bar=(seconds - ending) / bars)
    for index in range(bars):
        check_cancelled()
        is_last = index == bars - 1
        piece.write_bar(index, piece.choose_last_chord() if is_last else piece.chords[index % len(piece.chords)])
    piece.write_close(bars * piece.bar)
    check_cancelled()
    at = (samples - np.arange(samples, dtype=np.float32)) / SAMPLE_RATE
    return add_reverb(piece.sound, rng, 1.8, m.echo) * np.minimum(1, at / (ending / 2))[:, None]


class _Piece:
    def __init__(self, mood: Mood, samples: int, rng: np.random.Generator, bar: float = 0.0):
        """``bar``: length of a bar in seconds; 0 for that of the mood's tempo."""
        self.mood, self.rng = mood, rng
        self.bar = bar or 240 / mood.bpm
        self.beat = self.bar / 4
        self.key = 60 + int(rng.integers(-4, 4))
        self.chords = mood.chords[int(rng.integers(len(mood.chords)))]
        self.sound = np.zeros((samples, 2), np.float32)
        self.pattern = rng.permutation([0, 2, 4, 7, 4, 2, 6, 4])
        self.plays = rng.random(8) < mood.figure
        self.motif = [(beat, int(rng.choice([0, 2, 4, 1]))) for beat in range(4) if rng.random() < mood.melody]

    def note(self, step: int, octaves: int = 0) -> float:
        scale = self.mood.scale
        return self.key + 12 * (octaves + step // len(scale)) + scale[step % len(scale)]

    def put(self, sound: np.ndarray, at: float, side: float = 0.5) -> None:
        """Add a mono sound at ``at`` seconds, cut at the end of the piece. ``side`` is 0 for left, 1 for right."""
        start = max(0, int(at * SAMPLE_RATE))
        part = self.sound[start : start + len(sound)]
        part += sound[: len(part), None] * np.array([2 * (1 - side), 2 * side], np.float32)

    def write_bar(self, index: int, chord: int) -> None:
        """Add one bar to the piece: pad, bass, figure, brushes and, from the second bar on, the melody.

        A piece shorter than two bars has its melody in the first.
        """
        start, mood, rng = index * self.bar, self.mood, self.rng
        self._pad(chord, start)
        for beat in mood.bass:
            length = int(SAMPLE_RATE * self.beat * (4 if len(mood.bass) == 1 else 0.9))
            tone = (
                create_sine(note_frequency(self.note(chord, -2)), length)
                + 0.35 * create_tone(note_frequency(self.note(chord, -2)), length)
            ) * 0.15
            self.put(tone * decay_envelope(length, 0.9 if len(mood.bass) < 3 else 4, 0.012), start + beat * self.beat)
        for eighth in np.flatnonzero(self.plays):
            note = self.note(chord + int(self.pattern[eighth])) + mood.octave
            when = start + eighth * self.beat / 2 + rng.normal(0, 0.005)
            self._bell(note, when, mood.bell[0], 0.10, rng.uniform(0.3, 0.7))
        if index or self.bar * 2 > len(self.sound) / SAMPLE_RATE:
            for beat, step in self.motif:
                note = self.note(chord + step + (7 if mood.octave else 0)) + mood.octave
                self._bell(note, start + beat * self.beat, mood.bell[1], 0.14, 0.5)
        if mood.brush:
            self._brushes(start)

    def choose_last_chord(self) -> int:
        """Return the step of the chord that leads to the tonic: the fifth, or the seventh of a mood without it."""
        return next((step for step in (4, 6) if step in self.chords), 4)

    def write_close(self, start: float) -> None:
        """Strike the tonic chord once, from the bass upwards, and let it ring to the end of the piece."""
        length = max(1, len(self.sound) - int(start * SAMPLE_RATE))
        bass = note_frequency(self.note(0, -2))
        tone = (create_sine(bass, length) + 0.35 * create_tone(bass, length)) * 0.15
        self.put(tone * decay_envelope(length, 0.9, 0.012), start)
        shape = swell_envelope(length, 0.05, length / SAMPLE_RATE) * (0.05 * self.mood.pad)
        for step, side in ((0, 0.5), (2, 0.25), (4, 0.75)):
            self.put(create_tone(note_frequency(self.note(step)), length, 1.7) * shape, start, side)
        for number, step in enumerate((0, 4, 7)):
            self._bell(self.note(step) + self.mood.octave, start + number * self.beat / 4, 1.4, 0.13, 0.5)

    def _pad(self, chord: int, start: float) -> None:
        length = int(SAMPLE_RATE * self.bar * 1.25)
        shape = swell_envelope(length, min(1.0, self.bar * 0.4), min(1.2, self.bar * 0.45)) * (0.035 * self.mood.pad)
        for step in (0, 2, 4, 6):
            octave = 0 if step == 0 else -1
            for apart, side in ((-0.05, 0.2), (0.0, 0.5), (0.06, 0.8)):
                tone = create_tone(
                    note_frequency(self.note(chord + step, octave) + apart), length, 1.7, float(self.rng.random())
                )
                self.put(tone * shape, start, side)

    def _bell(self, note: float, at: float, rate: float, level: float, side: float) -> None:
        length = int(SAMPLE_RATE * min(3.0, 5.5 / rate))
        hertz = note_frequency(note)
        tone = np.zeros(length, np.float32)
        for ratio, share, faster in ((1, 1, 1), (2.0, 0.35, 1.7), (3.01, 0.18, 2.6), (5.4, 0.06, 4.5)):
            if hertz * ratio < 15_000:
                tone += create_sine(hertz * ratio, length) * decay_envelope(length, rate * faster) * share
        self.put(tone * (level * float(self.rng.uniform(0.75, 1.0))), at, side)

    def _brushes(self, start: float) -> None:
        length = int(SAMPLE_RATE * 0.12)
        hiss = create_noise(length, self.rng, lambda f: np.minimum(1, f / 4000))[:, 0] * decay_envelope(
            length, 38, 0.004
        )
        for eighth in range(8):
            strong = 1.0 if eighth % 4 == 2 else 0.4
            self.put(
                hiss * (0.08 * self.mood.brush * strong), start + eighth * self.beat / 2, 0.42 + 0.16 * (eighth % 2)
            )
