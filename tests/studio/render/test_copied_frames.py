"""Outside the transitions a film consists of the packets of its clips."""

import subprocess
from dataclasses import replace

import av
import pytest

from generation.media import ffmpeg
from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.layout import Copy, Window, build_segments
from tests.studio.render.clips import build_plan, merge_plan


@pytest.fixture
def opened_clips(shots, tmp_path):
    clips = [Clip.open(shot.path, shot.sha256, Cache(tmp_path / "cache")) for shot in shots]
    yield clips
    for clip in clips:
        clip.close()


def read_packets(path) -> dict[int, bytes]:
    """Return frame number → packet bytes."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size and packet.pts is not None]
        return {int(packet.pts * packet.time_base * 24): bytes(packet) for packet in packets}


def hash_frames(path) -> list[str]:
    command = [ffmpeg.find_binary(), "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(path)]
    completed = subprocess.run(
        [*command, "-map", "0:v:0", "-f", "framemd5", "-"], capture_output=True, text=True, check=True
    )
    assert not completed.stderr
    return [line.split(",")[-1].strip() for line in completed.stdout.splitlines() if not line.startswith("#")]


def test_copied_frames_equal_the_packets_and_pictures_of_the_clip(shots, opened_clips, tmp_path):
    pieces = [replace(shots[0], trim_in=5), *shots[1:4]]
    plan = build_plan(pieces, "crossfade", 12)
    film = merge_plan(plan, tmp_path)
    packets, pictures = read_packets(film.path), hash_frames(film.path)

    position, copied = 0, 0
    for segment in build_segments(plan, opened_clips[:4]):
        if isinstance(segment, Copy):
            source_packets, source_pictures = (read(shots[segment.piece].path) for read in (read_packets, hash_frames))
            for number in range(segment.frames):
                assert packets[position + number] == source_packets[segment.start + number]
                assert pictures[position + number] == source_pictures[segment.start + number]
            copied += segment.frames
        position += segment.frames

    assert copied == film.copied
    assert copied > plan.frames / 2


def test_a_crossfade_renders_exactly_its_frames(shots, opened_clips):
    windows = [
        part
        for part in build_segments(build_plan(shots[:4], "crossfade", 12), opened_clips[:4])
        if isinstance(part, Window)
    ]

    assert [window.frames for window in windows] == [12, 12, 12]


def test_copied_parts_start_at_key_frames(shots, opened_clips):
    pieces = [replace(shots[0], trim_in=7), replace(shots[3], trim_in=13, trim_out=1), shots[2]]
    clips = [opened_clips[0], opened_clips[3], opened_clips[2]]

    copies = [part for part in build_segments(build_plan(pieces, "crossfade", 7), clips) if isinstance(part, Copy)]

    assert copies
    for part in copies:
        assert part.start in clips[part.piece].idr_frames
        inside = [sample.number for sample in clips[part.piece].samples if part.start <= sample.number < part.end]
        first = [sample.number for sample in clips[part.piece].samples].index(part.start)
        run = [sample.number for sample in clips[part.piece].samples][first : first + part.frames]
        assert inside == run  # contiguous in decoding order, so no frame needs one outside


def test_seeking_to_any_frame_works(shots, tmp_path):
    film = merge_plan(build_plan(shots[:4], "crossfade", 12), tmp_path)
    pictures = hash_frames(film.path)

    for number in (0, 47, 48, 53, 59, 60, 100, 130, film.frames - 1):
        command = [
            ffmpeg.find_binary(),
            "-v",
            "error",
            "-ss",
            f"{number / 24:.6f}",
            "-i",
            str(film.path),
            "-map",
            "0:v:0",
        ]
        completed = subprocess.run([*command, "-frames:v", "1", "-f", "framemd5", "-"], capture_output=True, text=True)
        assert completed.stdout.splitlines()[-1].split(",")[-1].strip() == pictures[number]


def test_the_file_is_streamable_and_describes_itself(shots, tmp_path):
    film = merge_plan(build_plan(shots[:3], "push", 12), tmp_path)

    content = film.path.read_bytes()
    with av.open(str(film.path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.profile, video.codec_context.name) == ("High", "h264")
        assert (audio.codec_context.name, audio.codec_context.sample_rate) == ("aac", 48_000)
        assert video.start_time == 0 and audio.start_time in (0, None)
        assert video.duration * video.time_base == film.frames / 24
        assert video.codec_context.colorspace == 1
        chapters = [(chapter["start"], chapter["metadata"]["title"]) for chapter in container.chapters()]
    assert content.index(b"moov") < content.index(b"mdat")
    assert content.count(b"avcC") == 1
    assert b"Lavf" not in content  # metadata names no tool
    assert [title for _start, title in chapters] == ["1", "2", "3"] and b"Scene 1" not in content
    assert len(content) == film.bytes
