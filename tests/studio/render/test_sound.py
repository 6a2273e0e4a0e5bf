"""The sound of a film is in sync, levelled and crossfaded, with ducked music."""

import re
import subprocess
from dataclasses import replace

import av
import numpy as np
import pytest

from generation.media import ffmpeg
from generation.media.errors import MediaRefused
from generation.media.mezzanine import SOUND_RATE
from studio.render.music import import_music
from studio.render.plan import Music
from tests.matrix import deep_except
from tests.studio.render.clips import (
    SPF,
    WIDTH,
    build_plan,
    make_mezzanine,
    merge_plan,
    numbered_frames,
    read_sound,
    tone,
)

FLASH = 30  # frame of the flash in each clip


def paint_flash(number: int, luma: np.ndarray) -> None:
    luma[:] = 235 if number == FLASH else 60
    luma[100:110, 3 * number % (WIDTH - 8) :][:, :8] = 150


def create_beep(frames: int) -> np.ndarray:
    pcm = np.zeros((frames * SPF, 2), np.int16)
    pcm[FLASH * SPF : (FLASH + 1) * SPF] = tone(1, 0.6, 1000)
    return pcm


def measure_power(sound: np.ndarray, first: float, last: float) -> float:
    """Return the mean square between two film frames."""
    return float(np.square(sound[round(first * SPF) : round(last * SPF)]).mean())


def amplitude_at(sound: np.ndarray, hertz: float, first: int, last: int) -> float:
    """Return the amplitude of one tone between two film frames."""
    part = sound[first * SPF : last * SPF, 0]
    rotation = np.exp(-2j * np.pi * hertz * np.arange(len(part)) / SOUND_RATE)
    return float(2 * abs((part * rotation).mean()))


@pytest.mark.parametrize("kind", deep_except(["cut", "crossfade", "fade_black"], "crossfade"))
def test_twelve_flashes_and_beeps_stay_together(tmp_path, kind):
    clip = make_mezzanine(tmp_path / "flash.mp4", paint_flash, 60, pcm=create_beep(60))
    plan = build_plan([clip] * 12, kind, 12)
    film = merge_plan(plan, tmp_path)

    with av.open(str(film.path)) as container:
        lights = [frame.to_ndarray(format="gray")[:60].mean() for frame in container.decode(video=0)]
    sound = np.abs(read_sound(film.path)[:, 0])
    offsets = []
    for start in plan.starts:
        expected_frame = start + FLASH
        flash = max(range(expected_frame - 3, expected_frame + 4), key=lambda frame: lights[frame])
        loud = np.flatnonzero(sound[(expected_frame - 8) * SPF : (expected_frame + 8) * SPF] > 0.05)
        offsets.append((loud[0] + (expected_frame - 8) * SPF) / SOUND_RATE - flash / 24)
        assert flash == expected_frame

    assert max(map(abs, offsets)) < 0.010
    assert abs(offsets[-1] - offsets[0]) < 0.002  # no drift


def test_sound_is_as_long_as_the_picture(shots, tmp_path):
    film = merge_plan(build_plan(shots, "crossfade", 7), tmp_path)

    with av.open(str(film.path)) as container:
        audio = container.streams.audio[0]
        assert abs(float(audio.duration * audio.time_base) - film.seconds) < 0.001


def test_a_crossfade_of_sound_keeps_its_power(shots, tmp_path):
    plan = build_plan(shots[:2], "crossfade", 24, is_levelled=False)
    sound = read_sound(merge_plan(plan, tmp_path).path)

    inside = measure_power(sound, 36 + 6, 36 + 18)

    assert inside == pytest.approx(0.2**2 / 2, rel=0.08)
    assert amplitude_at(sound, 220, 20, 30) == pytest.approx(0.2, rel=0.05)
    assert amplitude_at(sound, 440, 64, 74) == pytest.approx(0.2, rel=0.05)
    assert amplitude_at(sound, 220, 64, 74) < 0.005


def test_cuts_make_no_audible_click(tmp_path):
    steady = make_mezzanine(
        tmp_path / "a.mp4", numbered_frames(0), 48, pcm=tone(48, 0.3, 500)
    )  # a whole number of periods
    sound = read_sound(merge_plan(build_plan([steady] * 3, is_levelled=False), tmp_path).path)[:, 0]

    steps = np.abs(np.diff(sound))

    assert steps[47 * SPF : 49 * SPF].max() <= 1.2 * steps[20 * SPF : 30 * SPF].max()


def test_a_muted_scene_is_silent_and_shifts_no_other(shots, tmp_path):
    pieces = [shots[0], replace(shots[1], sound="muted"), shots[2]]
    sound = read_sound(merge_plan(build_plan(pieces), tmp_path).path)

    assert measure_power(sound, 62, 106) < 1e-8
    assert measure_power(sound, 10, 50) > 1e-3 and measure_power(sound, 115, 170) > 1e-3


def measure_loudness(film, first: int, last: int) -> float:
    """Return the loudness between two frames, measured by ffmpeg (EBU R 128, LUFS)."""
    span = ["-ss", f"{first / 24:.4f}", "-t", f"{(last - first) / 24:.4f}", "-i", str(film.path), "-vn"]
    command = [
        ffmpeg.find_binary(),
        "-hide_banner",
        "-nostats",
        *span,
        "-af",
        "ebur128=framelog=quiet",
        "-f",
        "null",
        "-",
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", output)[-1])


@pytest.fixture(scope="module")
def uneven_clips(tmp_path_factory):
    """A loud clip, a quiet one, one of inaudible noise, and one with a single loud peak."""
    folder = tmp_path_factory.mktemp("uneven")
    crack = tone(96, 0.02, 997)
    crack[40 * SPF : 40 * SPF + 200] = 30_000
    sounds = {"shout": tone(96, 0.9, 997), "whisper": tone(96, 0.06, 997), "noise": tone(96, 0.0008, 997),
              "crack": crack}  # fmt: skip
    return [make_mezzanine(folder / f"{name}.mp4", numbered_frames(n), 96, pcm=pcm) for n, (name, pcm) in
            enumerate(sounds.items())]  # fmt: skip


def test_levelled_scenes_measure_alike_and_silence_stays_silent(uneven_clips, tmp_path):
    film = merge_plan(build_plan(uneven_clips), tmp_path)

    shout, whisper, noise = (measure_loudness(film, 96 * n + 6, 96 * n + 90) for n in range(3))

    assert shout == pytest.approx(-16, abs=1) and whisper == pytest.approx(-16, abs=1)
    assert noise < -55  # unchanged: below -50 LUFS nothing is amplified
    assert np.abs(read_sound(film.path)[3 * 96 * SPF :]).max() < 1.0  # the peak limits the gain


def test_scenes_keep_their_loudness_when_levelling_is_off(uneven_clips, tmp_path):
    film = merge_plan(build_plan(uneven_clips, is_levelled=False), tmp_path)

    for number, clip in enumerate(uneven_clips[:3]):
        assert measure_loudness(film, 96 * number + 6, 96 * number + 90) == pytest.approx(
            measure_loudness(clip, 6, 90), abs=0.5
        )


def test_the_gain_of_a_scene_is_applied(shots, tmp_path):
    quieter = replace(shots[0], gain=-12.0)
    sound = read_sound(merge_plan(build_plan([shots[0], quieter], is_levelled=False), tmp_path).path)

    assert amplitude_at(sound, 220, 70, 110) == pytest.approx(0.2 / 3.98, rel=0.05)


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Ten seconds of a high tone, uploaded as music."""
    folder = tmp_path_factory.mktemp("music")
    source = folder / "song.mp3"
    command = [ffmpeg.find_binary(), "-v", "error", "-f", "lavfi", "-i", "sine=f=3000:r=44100:d=10", "-c:a", "mp3"]
    encoders = subprocess.run([ffmpeg.find_binary(), "-encoders"], capture_output=True, text=True).stdout
    command[-1] = "libmp3lame" if "libmp3lame" in encoders else "mp3"
    subprocess.run([*command, str(source)], check=True)
    return import_music(source, folder / "bed.s16", workdir=folder)


def test_music_is_ducked_under_clips(tmp_path, music):
    pcm = np.zeros((240 * SPF, 2), np.int16)
    pcm[72 * SPF : 168 * SPF] = tone(96, 0.3, 300)
    clip = make_mezzanine(tmp_path / "a.mp4", numbered_frames(0), 240, pcm=pcm)
    plan = build_plan([clip], music=Music(music.path, music.sha256, gain=-6.0, duck=-12.0))

    sound = read_sound(merge_plan(plan, tmp_path).path)
    before, during, after = (amplitude_at(sound, 3000, *span) for span in ((20, 60), (100, 160), (190, 191)))

    assert 20 * np.log10(during / before) == pytest.approx(-12, abs=0.7)
    assert 20 * np.log10(after / before) == pytest.approx(-2.2, abs=1.5)  # nearly back after a second
    assert amplitude_at(sound, 3000, 67, 69) < before  # ducked before the sound begins


def test_music_loops_to_the_end_and_fades_out(tmp_path, shots, music):
    silent = [replace(shot, sound="muted") for shot in (shots * 2)[:10]]
    plan = build_plan(silent, music=Music(music.path, music.sha256))
    film = merge_plan(plan, tmp_path)
    sound = read_sound(film.path)

    assert film.seconds > 2 * music.seconds
    assert amplitude_at(sound, 3000, 300, 320) == pytest.approx(amplitude_at(sound, 3000, 100, 120), rel=0.1)
    assert amplitude_at(sound, 3000, film.frames - 2, film.frames) < 0.1 * amplitude_at(sound, 3000, 300, 320)


def test_files_without_music_are_refused(tmp_path):
    for name, content in {
        "page": b"<html>" * 50,
        "empty": b"",
        "list": b"#EXTM3U\n/etc/passwd\n",
        "cut": b"ID3",
    }.items():
        source = tmp_path / name
        source.write_bytes(content)
        with pytest.raises(MediaRefused) as refusal:
            import_music(source, tmp_path / "bed", workdir=tmp_path)
        assert refusal.value.code == "music"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "empty", "list", "page"]


def test_sound_encoded_in_parts_has_no_seam(tmp_path):
    """A film of more than five seconds is encoded in parts."""
    frames = 24 * 10
    long_clip = make_mezzanine(tmp_path / "long.mp4", numbered_frames(0), frames, pcm=tone(frames, 0.3, 500))
    sound = read_sound(merge_plan(build_plan([long_clip], is_levelled=False), tmp_path).path)[:, 0]

    expected = 0.3 * np.sin(2 * np.pi * 500 * np.arange(len(sound)) / SOUND_RATE)
    error = np.abs(sound - expected)
    seam = 235 * 1024

    assert len(sound) == frames * SPF
    assert error[seam - 4096 : seam + 4096].max() <= 1.5 * error[100_000:400_000].max()
