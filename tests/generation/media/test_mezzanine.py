"""Any clip becomes a mezzanine with equal parameter sets, exact frames and correct colours."""

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from generation.media import ffmpeg, mezzanine
from generation.media.errors import Cancelled, MediaRefused
from generation.media.frame import read_frame
from generation.media.mezzanine_check import check_mezzanine, get_expected_parameter_sets, parse_parameter_sets
from generation.media.normalise import count_frames, encode_mezzanine
from generation.media.probe import probe
from tests.generation.media.conftest import TONE

ORANGE = (255, 128, 0)


def normalise(source: Path, folder: Path, **options) -> Path:
    out = folder / "mezzanine.mp4"
    facts = probe(source, workdir=folder)
    encode_mezzanine(source, out, proxy_out=folder / "small.yuv", probe=facts, workdir=folder, **options)
    return out


# name: (make_clip arguments, width, height, frames at 24 a second)
UNUSUAL_CLIPS = {
    "16 a second, silent": ({"rate": 16}, [], 160, 90, 24),
    "30 a second": ({"rate": 30}, [], 160, 90, 24),
    "60 a second, open groups": (
        {"rate": 60},
        ["-c:v", "libx264", "-x264-params", "open-gop=1:keyint=24"],
        160,
        90,
        24,
    ),
    "29.97 a second": ({"rate": "30000/1001", "seconds": 2}, [], 160, 90, 48),
    "odd sizes": ({"size": "161x91"}, ["-c:v", "libx264", "-pix_fmt", "yuv444p"], 160, 90, 24),
    "tall": ({"size": "90x160"}, [], 90, 160, 24),
    "wide pixels": ({"size": "72x58"}, ["-vf", "setsar=16/11"], 104, 58, 24),
    "10 bit": ({}, ["-c:v", "libx264", "-pix_fmt", "yuv420p10le"], 160, 90, 24),
    "full range": ({}, ["-c:v", "libx264", "-pix_fmt", "yuvj420p"], 160, 90, 24),
    "variable rate": ({}, ["-vf", "select='mod(n,5)'", "-fps_mode", "vfr"], 160, 90, 22),
    "late sound": ({"sound": TONE}, ["-af", "adelay=300|300", "-c:a", "aac"], 160, 90, 24),
    "short sound": ({"sound": "sine=d=0.3"}, ["-c:a", "aac"], 160, 90, 24),
    "long sound": ({"sound": "sine=d=2"}, ["-c:a", "aac"], 160, 90, 24),
    "six channels": ({"sound": "anoisesrc=d={seconds},pan=5.1|c0=c0|c1=c0|c2=c0"}, ["-c:a", "aac"], 160, 90, 24),
    "too large": ({"size": "2048x1152", "seconds": 0.25}, [], 1920, 1080, 6),
}


@pytest.mark.parametrize("name", UNUSUAL_CLIPS)
def test_every_unusual_clip_becomes_a_mezzanine_of_exact_length(make_clip, tmp_path, name):
    options, arguments, width, height, frames = UNUSUAL_CLIPS[name]
    source = make_clip(f"{name}.mp4", *arguments, **options)
    out = normalise(source, tmp_path)
    facts = check_mezzanine(out, expected_frames=frames)
    assert (facts.width, facts.height, facts.fps) == (width, height, 24)
    # How long the last frame of a variable-rate clip lasts depends on which ffmpeg wrote the clip.
    assert facts.frames in ((22, 23) if name == "variable rate" else (frames,))
    assert facts.key == mezzanine.format_key(width, height)
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        sound = container.streams.audio[0]
        assert (sound.rate, sound.channels) == (48_000, 2)
        assert float(sound.duration * sound.time_base) == pytest.approx(facts.seconds, abs=0.022)


def test_webm_with_transparency_loses_only_the_transparency(make_clip, tmp_path):
    source = make_clip("glass.webm", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-pix_fmt", "yuva420p")
    assert check_mezzanine(normalise(source, tmp_path), expected_frames=24).frames == 24


def test_hevc_and_rotation_are_supported(make_clip, tmp_path):
    flat = make_clip(
        "hevc.mp4", "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=-1"
    )
    turned = tmp_path / "turned.mp4"
    command = [
        ffmpeg.find_binary(),
        "-v",
        "error",
        "-display_rotation",
        "90",
        "-i",
        str(flat),
        "-c",
        "copy",
        str(turned),
    ]
    subprocess.run(command, check=True)
    facts = check_mezzanine(normalise(turned, tmp_path))
    assert (facts.width, facts.height) == (90, 160)


COLOURS = {
    "tagged BT.709": ("bt709", ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"], "160x90"),
    "tagged BT.601": ("bt601", ["-colorspace", "smpte170m"], "160x90"),
    "untagged and small": ("bt601", [], "160x90"),
    "untagged HD": ("bt709", [], "1280x720"),
    "full range": ("bt601", ["-color_range", "pc"], "160x90"),
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_survive_from_every_colour_matrix(make_clip, tmp_path, name):
    matrix, tags, size = COLOURS[name]
    full = "-color_range" in tags
    convert = f"format=gbrp,scale=out_color_matrix={matrix}:out_range={'pc' if full else 'tv'},format=yuv420p"
    unset = "setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown"
    if "-colorspace" in tags:
        unset = f"setparams=colorspace={tags[1]}"
    source = make_clip(
        f"colour, {name}.mp4",
        *["-vf", f"{convert},{unset}", "-c:v", "libx264", "-crf", "5", *tags],
        size=size,
        seconds=0.25,
        picture="color=0xff8000:s={size}:r={rate}:d={seconds}",
    )
    picture = np.asarray(read_frame(normalise(source, tmp_path), 2)).reshape(-1, 3).astype(int)
    assert np.abs(picture - ORANGE).max() <= 8  # the scaler itself is off by up to 4


def test_source_metadata_is_removed(plain, tmp_path):
    assert b"secret" in plain.read_bytes()
    out = normalise(plain, tmp_path)
    data = out.read_bytes()
    assert b"secret" not in data and b"Lavf" not in data
    assert data.index(b"moov") < data.index(b"mdat")


def test_source_chapters_are_removed(plain, tmp_path):
    metadata, source = tmp_path / "metadata.txt", tmp_path / "chapters.mp4"
    metadata.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=a secret chapter\n")
    command = [
        ffmpeg.find_binary(),
        "-v",
        "error",
        "-i",
        str(plain),
        "-i",
        str(metadata),
        "-map",
        "0",
        "-map_chapters",
        "1",
    ]
    subprocess.run([*command, "-c", "copy", str(source)], check=True)

    before, after = source.read_bytes(), normalise(source, tmp_path).read_bytes()
    assert b"chpl" in before and b"a secret chapter" in before
    assert b"chpl" not in after and b"a secret chapter" not in after


def test_our_own_encoder_and_ffmpeg_write_the_same_parameter_sets(plain, tmp_path):
    with av.open(str(normalise(plain, tmp_path))) as container:
        header = container.streams.video[0].codec_context.extradata
    assert parse_parameter_sets(header) == get_expected_parameter_sets(160, 90, 24)
    assert len(get_expected_parameter_sets(160, 90, 24)) == 2


def test_key_frames_match_transition_boundaries():
    assert mezzanine.forced_key_frames(120) == (0, 12, 48, 108)
    assert mezzanine.key_frames(120) == (0, 12, 48, 108)
    assert mezzanine.key_frames(240) == (0, 12, 48, 144, 228)
    assert mezzanine.forced_key_frames(6) == (0,)
    assert mezzanine.forced_key_frame_times(24) == "0.0000,0.4990"


def test_an_encoded_clip_has_exactly_these_key_frames(make_clip, tmp_path):
    out = normalise(make_clip("three.mp4", seconds=3.0), tmp_path)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        key_frames = [round(p.pts * stream.time_base * 24) for p in container.demux(stream) if p.size and p.is_keyframe]
    assert tuple(key_frames) == mezzanine.key_frames(72)


@pytest.mark.parametrize(
    ("source_size", "size"),
    [((1280, 720), (1280, 720)), ((3840, 2160), (1920, 1080)), ((1081, 1921), (1080, 1920)),
     ((2000, 2000), (1080, 1080)), ((853, 480), (852, 480)), ((5120, 2160), (1920, 810)), ((1, 1), (2, 2))],
)  # fmt: skip
def test_sizes_are_even_and_at_most_of_the_1080p_class(source_size, size):
    assert mezzanine.fit_mezzanine_size(*source_size) == size


def test_encoder_settings_change_the_format_key(monkeypatch):
    before = mezzanine.format_key(1280, 720)
    assert before.startswith("2-1280x720-24-")
    assert mezzanine.format_key(720, 1280) != before
    monkeypatch.setattr(mezzanine, "MEZZANINE_X264_PARAMS", mezzanine.MEZZANINE_X264_PARAMS.replace("ref=2", "ref=3"))
    assert mezzanine.format_key(1280, 720) != before


def test_cancelling_leaves_no_file(make_clip, long_clip, tmp_path):
    reports = []
    with pytest.raises(Cancelled):
        normalise(long_clip, tmp_path, on_progress=reports.append, is_cancelled=lambda: bool(reports))
    assert not list(tmp_path.iterdir())
    assert reports


def write_clip(path: Path, *, frames=24, settings=None, skip=(), key_frames=None) -> Path:
    """Encode a clip in process, like the animatic, with a chosen defect."""
    width, height = 64, 48
    forced_frames = mezzanine.forced_key_frames(frames) if key_frames is None else key_frames
    options = {"movflags": "+faststart", "video_track_timescale": "24000"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=24, options={**mezzanine.encoder_options(), **(settings or {})})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.sample_aspect_ratio = Fraction(1, 1)
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1
        for number in range(frames):
            if number in skip:
                continue
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            planes[:height] = 40 + number * 5
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, 24), int(number in forced_frames)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_a_clip_of_our_encoder_is_adopted_unchanged(tmp_path):
    facts = check_mezzanine(write_clip(tmp_path / "own.mp4"), expected_frames=24)
    assert (facts.width, facts.height, facts.fps, facts.frames, facts.has_sound) == (64, 48, 24, 24, False)


@pytest.mark.parametrize(
    ("defects", "code"),
    [
        ({"settings": {"x264-params": "ref=1"}}, "not_a_mezzanine"),
        ({"settings": {"preset": "medium"}}, "not_a_mezzanine"),
        ({"skip": {7}}, "not_a_mezzanine"),
        ({"key_frames": ()}, "not_a_mezzanine"),
        ({"frames": 22}, "frames"),
    ],
    ids=["other encoder settings", "other preset", "a frame is missing", "no key frames", "too short"],
)
def test_a_clip_that_cannot_be_joined_is_not_adopted(tmp_path, defects, code):
    with pytest.raises(MediaRefused) as refused:
        check_mezzanine(write_clip(tmp_path / "own.mp4", **defects), expected_frames=24)
    assert refused.value.code == code


def test_a_file_that_is_not_a_video_is_not_adopted(tmp_path):
    (tmp_path / "own.mp4").write_text("<html>")
    with pytest.raises(MediaRefused) as refused:
        check_mezzanine(tmp_path / "own.mp4")
    assert refused.value.code == "not_a_mezzanine"


def test_at_least_one_frame_is_planned():
    assert count_frames(0.001) == 1 and count_frames(5) == 120
