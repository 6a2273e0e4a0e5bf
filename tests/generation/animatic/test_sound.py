"""Soundtrack of a shot: made on request, limited in loudness, the same for the same seed."""

import re
import subprocess
import wave
from itertools import product

import numpy as np
import pytest

from generation.animatic.scene import AMBIENCES, MOODS, Scene
from generation.animatic.sound import MAX_LOUDNESS, create_score, create_soundtrack
from generation.animatic.sound.loudness import SAMPLE_RATE, measure_loudness
from generation.animatic.sound.music import compose_piece
from generation.media import ffmpeg
from tests.matrix import deep_except

EVERY_SOUND = [("", mood) for mood in MOODS] + [(ambience, "") for ambience in AMBIENCES] + [("rain", "gentle")]


def _measure_with_ffmpeg(pcm, folder) -> float:
    """Return the integrated loudness measured by ffmpeg's ebur128 filter (LUFS)."""
    path = folder / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm.tobytes())
    command = [ffmpeg.find_binary(), "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    out = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", out)[-1])


def test_no_sound_is_too_loud_or_clips():
    failures = []
    for ambience, mood in EVERY_SOUND:
        pcm = create_soundtrack(Scene(ambience=ambience, mood=mood), 3, 7)
        assert pcm.dtype == np.int16 and pcm.shape == (3 * SAMPLE_RATE, 2)
        level, highest = measure_loudness(pcm / 32768), np.abs(pcm.astype(int)).max()
        if not -24 < level <= MAX_LOUDNESS or highest >= 28_000:
            failures.append(f"{ambience or mood}: {level:.1f} LUFS, peak {highest}")

    assert failures == []


@pytest.mark.parametrize(("ambience", "mood"), [("waves", ""), ("rain", "tense")])
def test_our_loudness_agrees_with_ffmpeg(ambience, mood, tmp_path):
    pcm = create_soundtrack(Scene(ambience=ambience, mood=mood), 5, 3)
    assert abs(measure_loudness(pcm / 32768) - _measure_with_ffmpeg(pcm, tmp_path)) < 0.2


@pytest.mark.deep
@pytest.mark.parametrize(("ambience", "mood"), [pair for pair in product(("", *AMBIENCES), ("", *MOODS)) if any(pair)])
def test_ffmpeg_measures_no_sound_above_minus_16_lufs(ambience, mood, tmp_path):
    for seed, seconds in ((1, 2), (2, 5)):
        pcm = create_soundtrack(Scene(ambience=ambience, mood=mood), seconds, seed)
        assert -30 < _measure_with_ffmpeg(pcm, tmp_path) <= -16.0, f"seed {seed}, {seconds} s"


def test_the_reference_tone_of_ebu_tech_3341_measures_minus_23_lufs():
    # EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS
    at = np.arange(SAMPLE_RATE * 5) / SAMPLE_RATE
    tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * at)
    assert abs(measure_loudness(np.stack([tone, tone], 1)) + 23) < 0.1


def test_a_silent_scene_has_no_sound():
    assert create_soundtrack(Scene(), 5, 1) is None


@pytest.mark.parametrize("seconds", [0.05, 2.5, 15])
def test_sound_of_any_length_is_exact_to_the_sample_and_fades_at_both_ends(seconds):
    pcm = create_soundtrack(Scene(ambience="wind", mood="gentle"), seconds, 1)
    assert len(pcm) == round(seconds * SAMPLE_RATE)
    assert np.abs(pcm[:3].astype(int)).max() < 300 and np.abs(pcm[-3:].astype(int)).max() < 300


def test_the_seed_decides_the_sound():
    scene = Scene(mood="hopeful")
    first = create_soundtrack(scene, 3, 1)
    assert np.array_equal(first, create_soundtrack(scene, 3, 1))
    assert not np.array_equal(first, create_soundtrack(scene, 3, 2))


def test_every_mood_and_ambience_sounds_different():
    spectra = {}
    for ambience, mood in EVERY_SOUND[:-1]:
        pcm = create_soundtrack(Scene(ambience=ambience, mood=mood), 3, 1)[:, 0].astype(float)
        power = np.abs(np.fft.rfft(pcm)) ** 2
        bands = np.array([part.sum() for part in np.split(power, [600, 1500, 3000, 6000, 12_000, 24_000])])
        spectra[ambience or mood] = bands / bands.sum()
    names = list(spectra)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            assert np.abs(spectra[one] - spectra[other]).sum() > 0.02, (one, other)


def test_sound_is_stereo():
    pcm = create_soundtrack(Scene(ambience="rain"), 2, 1).astype(float)
    assert np.corrcoef(pcm[:, 0], pcm[:, 1])[0, 1] < 0.95


@pytest.mark.parametrize("mood", deep_except(MOODS, "gentle", "tense"))
def test_a_score_is_as_long_as_asked_and_fades_after_its_tonic(mood):
    seconds, key = 9, 60 + int(np.random.default_rng(3).integers(-4, 4))
    music = compose_piece(mood, seconds * SAMPLE_RATE, np.random.default_rng(3))
    score = create_score(mood, seconds * SAMPLE_RATE, 3)

    ending = music[-int(2.5 * SAMPLE_RATE) :].mean(1)
    power = np.abs(np.fft.rfft(ending * np.hanning(len(ending)))) ** 2
    notes = np.round(69 + 12 * np.log2(np.maximum(np.fft.rfftfreq(len(ending), 1 / SAMPLE_RATE), 20) / 440)).astype(int)
    strongest = np.bincount(notes % 12, power).argmax()
    assert (strongest - key) % 12 == 0
    assert len(score) == seconds * SAMPLE_RATE and np.abs(score[-SAMPLE_RATE // 50 :]).max() < 300
    assert np.abs(score[-3 * SAMPLE_RATE : -2 * SAMPLE_RATE]).max() > 1000  # it rings: no cut
