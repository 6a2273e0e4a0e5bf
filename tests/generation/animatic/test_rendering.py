"""Rendering a shot to a file: its content, progress, cancellation and errors."""

import os
import sys
import threading
import time
from itertools import pairwise

import av
import numpy as np
import pytest

from generation.animatic import render as rendering
from generation.animatic.layers import Layer
from generation.animatic.mezzanine_writer import MezzanineWriter, YuvPlanes
from generation.animatic.render import Cancelled, DrawingFailed, render
from generation.animatic.scene import AMBIENCES, Scene, Shot
from generation.animatic.sound import create_soundtrack
from generation.animatic.sound.music import _Piece
from generation.media.mezzanine import forced_key_frames, open_encoder
from tests.generation.animatic import photos

SHOT = Shot(Scene("hill", "sunset"), 3, 160, 90, 2)


def render_shot(shot, out, progress=lambda _done, _total: None, is_cancelled=lambda: False, show_frame=None):
    render(shot, out, progress=progress, is_cancelled=is_cancelled, show_frame=show_frame)
    return out


def test_a_render_is_a_mezzanine_with_all_frames_and_a_sound_track(tmp_path):
    with av.open(str(render_shot(SHOT, tmp_path / "clip.mp4"))) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        keys = [n for n, frame in enumerate(file.decode(video)) if frame.key_frame]
        context = video.codec_context

        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_range) == (1, 1, 1)
        assert set(forced_key_frames(48)) <= set(keys)
        assert (audio.codec_context.name, audio.codec_context.sample_rate, audio.codec_context.channels) == (
            "aac",
            48_000,
            2,
        )
        assert abs(float(audio.duration * audio.time_base) - 2) < 0.03
    with av.open(str(tmp_path / "clip.mp4")) as file:
        assert sum(1 for _ in file.decode(video=0)) == 48


def test_parameter_sets_equal_those_of_the_shared_encoder(tmp_path):
    """Otherwise films could not be joined by copying packets."""
    with av.open(str(render_shot(SHOT, tmp_path / "clip.mp4"))) as file:
        ours = bytes(file.streams.video[0].codec_context.extradata)
    annex_b = bytes(open_encoder(160, 90).extradata)
    sets = [part for part in annex_b.split(b"\0\0\0\1") if part and part[0] & 0x1F in (7, 8)]

    assert len(sets) == 2
    assert all(part.rstrip(b"\0") in ours for part in sets)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
def test_drawing_gives_way_without_a_change_of_the_caller(tmp_path, monkeypatch):
    def read_niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    own, drawn = read_niceness(), set()
    draw, write = rendering.ShotRenderer.draw_frame, MezzanineWriter.write
    monkeypatch.setattr(rendering.ShotRenderer, "draw_frame", lambda *args: drawn.add(read_niceness()) or draw(*args))
    monkeypatch.setattr(MezzanineWriter, "write", lambda *args: drawn.add(read_niceness()) or write(*args))

    render(SHOT, tmp_path / "clip.mp4", progress=lambda *_: None, is_cancelled=lambda: False, niceness=3)

    assert (drawn, read_niceness()) == ({min(own + 3, 19)}, own)


def test_the_header_comes_first_for_streaming(tmp_path):
    data = render_shot(SHOT, tmp_path / "clip.mp4").read_bytes()

    assert data.index(b"moov") < data.index(b"mdat")


def test_the_same_shot_gives_the_same_frames(tmp_path):
    def pictures(name, **hooks):
        with av.open(str(render_shot(SHOT, tmp_path / name, **hooks))) as file:
            return [frame.to_ndarray() for frame in file.decode(video=0)]

    shown = []
    one, other = pictures("one.mp4"), pictures("other.mp4", show_frame=shown.append)
    assert [(frame.shape, frame.dtype) for frame in shown] == [((90, 160, 3), np.uint8)]
    # the last bit may round differently with memory alignment, and the encoder propagates it
    assert max(float(np.abs(a.astype(int) - b).mean()) for a, b in zip(one, other, strict=True)) < 0.2


def test_colours_survive_encoding(tmp_path):
    film = rendering.ShotRenderer(SHOT)
    seen = film.frame(1.0)[..., :3].astype(int)
    with av.open(str(render_shot(SHOT, tmp_path / "clip.mp4"))) as file:
        frame = list(file.decode(video=0))[24]
        read = frame.reformat(format="bgr24", src_colorspace="ITU709", dst_colorspace="ITU709").to_ndarray().astype(int)

    assert np.abs(seen.mean((0, 1)) - read.mean((0, 1))).max() < 3


@pytest.mark.parametrize("size", [(480, 854), (854, 366), (90, 162)])
def test_edges_keep_their_colours_at_any_size(tmp_path, size):
    """Heights that are not multiples of four once had a coloured strip along the top."""
    width, height = size
    picture = np.empty((height, width, 4), np.uint8)
    picture[:] = (200, 60, 120, 255)
    picture[height // 2 :] = (20, 160, 220, 255)
    planes = YuvPlanes(width, height)
    planes.convert(picture)
    writer = MezzanineWriter(tmp_path / "clip.mp4", width, height, 24, 2)
    for _ in range(2):
        writer.write(planes.packed)
    writer.finish()
    with av.open(str(tmp_path / "clip.mp4")) as file:
        read = next(file.decode(video=0)).to_ndarray(format="yuv420p")

    assert read.shape == planes.packed.shape
    assert np.abs(read.astype(int) - planes.packed).max() < 8


def test_progress_counts_every_frame(tmp_path):
    seen = []
    render_shot(SHOT, tmp_path / "clip.mp4", progress=lambda done, total: seen.append((done, total)))

    assert seen == [(n, 48) for n in range(49)]


LARGE = Shot(Scene("street", "night", "rain"), 3, 1920, 1080, 15)


def test_cancelling_stops_before_the_next_frame_and_leaves_nothing(tmp_path):
    stop, done = threading.Event(), []

    def progress(frame, _total):
        done.append((frame, time.process_time()))
        if frame == 3:
            stop.set()

    with pytest.raises(Cancelled):
        render_shot(LARGE, tmp_path / "clip.mp4", progress, stop.is_set)

    assert done[-1][0] == 3  # of 360 frames
    assert time.process_time() - done[-1][1] < 1  # CPU seconds, however busy the machine is
    assert list(tmp_path.iterdir()) == []


def test_cancelling_works_while_the_scene_is_built(tmp_path):
    checks = []

    def is_cancelled():
        checks.append(time.process_time())
        return len(checks) > 4

    with pytest.raises(Cancelled):
        render_shot(LARGE, tmp_path / "clip.mp4", is_cancelled=is_cancelled)

    assert len(checks) == 5 and list(tmp_path.iterdir()) == []
    checks.clear()
    rendering.ShotRenderer(LARGE, check_cancelled=lambda: checks.append(time.process_time()))
    assert max(later - earlier for earlier, later in pairwise(checks)) < 1.5  # CPU seconds


@pytest.mark.deep
def test_painting_a_photo_checks_often_for_cancellation(tmp_path):
    """The line network, run on the whole picture at once, would block for seconds."""
    photo = photos.save_picture(photos.draw_portrait(1600, 1200), tmp_path / "photo.png")
    shot, checks = Shot(Scene(camera="push"), 3, 1920, 1080, 2, picture=photo, paint=True), []

    def is_cancelled():
        checks.append(time.process_time())
        return len(checks) > 25

    with pytest.raises(Cancelled):
        render_shot(shot, tmp_path / "clip.mp4", is_cancelled=is_cancelled)

    waits = [later - earlier for earlier, later in pairwise(checks)]  # CPU seconds
    assert max(waits) < 0.45 * sum(waits), [round(wait, 2) for wait in waits]
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_cancelling_works_while_the_sound_is_made(tmp_path, monkeypatch):
    stop, bars = threading.Event(), []

    def write_bar(_piece, index, _chord):
        bars.append(index)
        stop.set()

    monkeypatch.setattr(_Piece, "write_bar", write_bar)
    with pytest.raises(Cancelled):
        render_shot(Shot(Scene("room", mood="tense"), 3, 64, 36, 15), tmp_path / "clip.mp4", is_cancelled=stop.is_set)

    assert bars == [0] and list(tmp_path.iterdir()) == []


@pytest.mark.deep
def test_the_longest_sound_checks_several_times_whether_to_stop():
    failures = []
    for sounds in ({"mood": "tense"}, *({"ambience": name} for name in AMBIENCES)):
        checks = [time.process_time()]
        create_soundtrack(Scene(**sounds), 15, 3, lambda checks=checks: checks.append(time.process_time()))
        checks.append(time.process_time())
        longest = max(later - earlier for earlier, later in pairwise(checks))  # CPU seconds
        if len(checks) <= 3 or longest >= 1:
            failures.append(f"{sounds}: {len(checks)} checks, {longest:.2f} s between two")

    assert failures == []


@pytest.mark.parametrize("asks", [1, 6], ids=["before the encoder empties", "while it empties"])
def test_cancelling_after_the_last_frame_leaves_no_file(tmp_path, asks):
    """The encoder buffers dozens of frames."""
    done, checks = [], []

    def is_cancelled():
        checks.extend(done[-1:] if done[-1:] == [48] else ())
        return len(checks) == asks

    with pytest.raises(Cancelled):
        render_shot(SHOT, tmp_path / "clip.mp4", lambda frame, _total: done.append(frame), is_cancelled)

    assert done[-1] == 48 and list(tmp_path.iterdir()) == []


def test_a_lost_lease_is_not_reported_as_a_drawing_error(tmp_path):
    """An error of the cancellation check reaches the worker unchanged."""

    def is_cancelled():
        raise ConnectionError("the lease is lost")

    with pytest.raises(ConnectionError, match="lease"):
        render_shot(SHOT, tmp_path / "clip.mp4", is_cancelled=is_cancelled)


def test_a_crashing_place_fails_the_shot_with_its_name(tmp_path, monkeypatch):
    def crash(_place, _stage):
        raise ValueError("no ground")

    monkeypatch.setattr(rendering, "build_place", crash)
    with pytest.raises(DrawingFailed, match="hill: ValueError: no ground"):
        render_shot(SHOT, tmp_path / "clip.mp4")


def test_a_crashing_layer_fails_the_shot_and_leaves_no_file(tmp_path, monkeypatch):
    def redraw(t):
        if t > 0.5:
            raise ZeroDivisionError("wave")
        return np.zeros((4, 4, 4), np.uint8)

    layer = Layer("wave", redraw(0), depth=0.5, redraw=redraw)
    whole = rendering.build_place
    monkeypatch.setattr(rendering, "build_place", lambda place, stage: [*whole(place, stage), layer])
    with pytest.raises(DrawingFailed, match="wave: ZeroDivisionError"):
        render_shot(SHOT, tmp_path / "clip.mp4")

    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_path_raises_an_os_error(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        render_shot(SHOT, tmp_path / "missing" / "clip.mp4")
