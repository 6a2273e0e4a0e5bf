"""Hostile and oversized videos are refused with a reason, and no other file is read."""

import random
import shutil
import subprocess
from pathlib import Path

import av
import pytest

from generation.media import ffmpeg
from generation.media import probe as probe_module
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.media.ingest import ingest
from generation.media.probe import Limits, probe
from tests.matrix import deep_except

HLS_LIST = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{name}\n#EXT-X-ENDLIST\n"
FFCONCAT = "ffconcat version 1.0\nfile {name}\n"


def ingest_refused(source: Path, folder: Path, **options) -> str:
    """Return the code with which `source` is refused. Asserts that no file is left."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    with pytest.raises(MediaRefused) as caught:
        ingest(source, work, is_trusted=False, **options)
    assert str(caught.value).endswith(".")
    assert not list(work.iterdir())
    return caught.value.code


@pytest.fixture
def canary(plain, tmp_path) -> Path:
    """A good clip beside the hostile file; reading it fails the test."""
    return shutil.copy(plain, tmp_path / "canary.mp4")


@pytest.mark.parametrize("name", deep_except(["list.mp4", "list.webm", "list", "list.m3u8"], "list.mp4"))
@pytest.mark.parametrize("points_to", ["canary.mp4", "http://{address}/meta", "/etc/passwd", "file:canary.mp4"])
@pytest.mark.parametrize("text", [HLS_LIST, FFCONCAT], ids=["hls", "ffconcat"])
def test_a_playlist_is_not_a_video(canary, listening_address, tmp_path, text, points_to, name):
    source = tmp_path / name
    source.write_text(text.format(name=points_to.format(address=listening_address.address)))
    assert ingest_refused(source, tmp_path) == "not_a_video"
    assert not listening_address.was_contacted()


@pytest.mark.parametrize("points_to", ["canary.mp4", "http://{address}/meta"])
@pytest.mark.parametrize("text", [HLS_LIST, FFCONCAT], ids=["hls", "ffconcat"])
def test_a_playlist_disguised_as_mp4_opens_no_file_or_address(canary, listening_address, tmp_path, text, points_to):
    source = tmp_path / "list.mp4"
    hostile = text.format(name=points_to.format(address=listening_address.address))
    source.write_bytes(b"\x00\x00\x00\x10ftypisom" + hostile.encode())
    assert ingest_refused(source, tmp_path) in ("damaged", "cut_off")
    assert not listening_address.was_contacted()


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"GIF89a" + b"\0" * 50,
        b"#!/bin/sh\n",
        b"%PDF",
    ],
    ids=["html", "png", "gif", "script", "pdf"],
)
def test_other_files_named_mp4_are_refused(tmp_path, content):
    source = tmp_path / "clip.mp4"
    source.write_bytes(content)
    assert ingest_refused(source, tmp_path) == "not_a_video"


def test_an_empty_file_is_refused(tmp_path):
    source = tmp_path / "clip.mp4"
    source.touch()
    assert ingest_refused(source, tmp_path) == "empty"


@pytest.mark.parametrize("codec", ["magicyuv", "mpeg4", "mjpeg", "ffv1", "huffyuv"])
def test_only_listed_decoders_are_used(make_clip, tmp_path, codec):
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv422p" if codec == "huffyuv" else "yuv420p"
    source = make_clip(f"{codec}.mkv", "-c:v", codec, "-pix_fmt", pixels, "-strict", "-1")
    assert ingest_refused(source, tmp_path) == "codec"


def test_a_truncated_download_is_refused(plain, tmp_path):
    whole = plain.read_bytes()
    source = tmp_path / "clip.mp4"
    source.write_bytes(whole[: len(whole) // 2])
    assert ingest_refused(source, tmp_path) == "cut_off"


def test_an_mp4_without_its_index_is_refused(make_clip, tmp_path):
    whole = make_clip("late-index.mp4").read_bytes()  # without +faststart the index is at the end
    source = tmp_path / "clip.mp4"
    source.write_bytes(whole[: len(whole) // 2])
    assert ingest_refused(source, tmp_path) == "cut_off"


def test_audio_alone_is_not_a_video(tmp_path):
    source = tmp_path / "sound.mp4"
    tone = ["-f", "lavfi", "-i", "sine=d=0.5", "-c:a", "aac"]
    subprocess.run([ffmpeg.find_binary(), "-v", "error", *tone, str(source)], check=True)
    assert ingest_refused(source, tmp_path) == "no_picture"


def test_three_frames_spread_over_a_day_are_refused(make_clip, tmp_path):
    source = make_clip("day.mp4", "-vf", "setpts=N*43200/TB", "-fps_mode", "vfr", "-frames:v", "3")
    assert ingest_refused(source, tmp_path) == "too_long"


def test_too_many_frames_for_the_length_are_refused(make_clip, tmp_path):
    source = make_clip("bomb.mp4", "-vf", "setpts=N/1000/TB", "-r", "1000", rate=1000)
    assert ingest_refused(source, tmp_path) == "too_many_frames"


def test_the_limits_on_sides_bytes_and_length_hold(plain, tmp_path):
    assert ingest_refused(plain, tmp_path, limits=Limits(longest_side=159)) == "too_large"
    assert ingest_refused(plain, tmp_path, limits=Limits(shortest_side=91)) == "too_small"
    assert ingest_refused(plain, tmp_path, limits=Limits(file_bytes=1000)) == "too_many_bytes"
    assert ingest_refused(plain, tmp_path, limits=Limits(seconds=0.9)) == "too_long"


@pytest.mark.parametrize(("shape", "longest"), [("4/1", 400), ("1/4", 120)], ids=["as shown", "as kept in the file"])
def test_size_limits_apply_before_and_after_the_pixel_aspect_ratio(make_clip, tmp_path, shape, longest):
    source = make_clip(f"odd {longest}.mp4", "-vf", f"setsar={shape}")  # 160 pixels wide, shown as 640 or as 40

    assert ingest_refused(source, tmp_path, limits=Limits(longest_side=longest)) == "too_large"


def test_a_picture_of_too_many_pixels_is_never_decoded(make_clip, tmp_path):
    source = make_clip(
        "huge.mp4", "-frames:v", "1", size="8192x4096", picture="color=gray:s={size}:r={rate}:d={seconds}"
    )
    assert ingest_refused(source, tmp_path) in ("too_large", "damaged")


def test_a_file_of_many_streams_is_refused(plain, tmp_path):
    source = tmp_path / "many.mp4"
    command = [ffmpeg.find_binary(), "-v", "error", "-i", str(plain), *["-map", "0:v:0"] * 9, "-c", "copy", str(source)]
    subprocess.run(command, check=True)
    assert ingest_refused(source, tmp_path) == "too_costly"


def test_a_symbolic_link_is_not_followed(plain, tmp_path):
    source = tmp_path / "link.mp4"
    source.symlink_to(plain)
    assert ingest_refused(source, tmp_path) == "not_a_file"


def test_metadata_text_cannot_imitate_a_stream(plain, tmp_path):
    source = tmp_path / "forged.mp4"
    forged_title = "title=x\n  Stream #0:0: Video: h264, yuv420p, 4x4, 1 fps\nStream mapping:"
    command = [
        ffmpeg.find_binary(),
        "-v",
        "error",
        "-i",
        str(plain),
        "-c",
        "copy",
        "-metadata",
        forged_title,
        str(source),
    ]
    subprocess.run(command, check=True)
    assert (probe(source, workdir=tmp_path).width, probe(source, workdir=tmp_path).height) == (160, 90)


@pytest.mark.parametrize("seed", deep_except(range(8), 0, 1))
def test_flipped_bits_give_a_clip_or_a_refusal_but_never_a_crash(plain, tmp_path, seed):
    data = bytearray(plain.read_bytes())
    rng = random.Random(seed)
    for _ in range(rng.choice((1, 8, 60))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    source, work = tmp_path / "flipped.mp4", tmp_path / "work"
    source.write_bytes(data)
    work.mkdir()
    try:
        clip = ingest(source, work, is_trusted=False)
    except (MediaRefused, FfmpegFailed):
        assert not [path for path in work.iterdir() if path.name.startswith("media-")]
    else:
        with av.open(str(clip.mezzanine)) as container:
            assert sum(1 for _ in container.decode(video=0)) == clip.frames


def test_a_probe_result_is_shared_by_two_steps(plain, make_clip, tmp_path, monkeypatch):
    """Download and ingest share a probe; another video or other limits are probed again."""
    runs, run = [], ffmpeg.run
    monkeypatch.setattr(ffmpeg, "run", lambda *arguments, **more: runs.append(1) or run(*arguments, **more))
    probe_module._last_probe.clear()
    copy, other = tmp_path / "copy.mp4", make_clip("other.mp4", size="96x64")
    copy.write_bytes(plain.read_bytes())

    assert probe(plain, workdir=tmp_path) == probe(copy, workdir=tmp_path)
    assert len(runs) == 1
    assert ingest_refused(plain, tmp_path, limits=Limits(shortest_side=91)) == "too_small"
    assert probe(other, workdir=tmp_path).width == 96
    assert len(runs) == 3
    assert probe(plain, workdir=tmp_path).width == 160


def test_a_refusal_is_not_cached(plain, tmp_path, monkeypatch):
    """A killed ffmpeg says nothing about the video."""
    probe_module._last_probe.clear()
    with monkeypatch.context() as broken:
        broken.setattr(ffmpeg, "run", fail_run)
        with pytest.raises(MediaRefused):
            probe(plain, workdir=tmp_path)

    assert probe(plain, workdir=tmp_path).width == 160


def fail_run(*arguments, **more):
    raise MediaRefused("too_costly", "ffmpeg was killed.")
