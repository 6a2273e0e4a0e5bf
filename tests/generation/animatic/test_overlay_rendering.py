"""Effects over an existing video change only the frames of their moment."""

from pathlib import Path

import av
import numpy as np
import pytest

from generation.animatic.compositor import DrawingFailed
from generation.animatic.frame_encoding import Cancelled
from generation.animatic.mezzanine_writer import MezzanineWriter, YuvPlanes
from generation.animatic.overlay_rendering import render_overlays
from generation.animatic.scene import OVERLAYS
from generation.media.frame import read_frame
from generation.media.mezzanine_check import check_mezzanine

WIDTH, HEIGHT, FRAMES = 320, 182, 49  # neither a multiple of four lines nor of whole seconds
SAME = 2.0  # mean steps of colour that encoding again may change


def write_video(path: Path, frames: int = FRAMES) -> Path:
    """Write a video with a bright square that moves over a coloured ground, and a tone. Returns its path."""
    tone = (np.sin(np.arange(frames * 2000) / 20) * 8000).astype(np.int16)
    writer, planes = (
        MezzanineWriter(path, WIDTH, HEIGHT, 24, frames, np.stack([tone, tone], 1)),
        YuvPlanes(WIDTH, HEIGHT),
    )
    for n in range(frames):
        frame = np.full((HEIGHT, WIDTH, 4), (150, 90, 60, 255), np.uint8)
        frame[60:120, 20 + 4 * n : 80 + 4 * n, :3] = (90, 200, 230)
        planes.convert(frame)
        writer.write(planes.packed)
    writer.finish()
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("video") / "video.mp4")


@pytest.fixture
def apply_effects(video, tmp_path):
    """``apply_effects("iris_in")`` renders effects over the video. Returns the path of the result."""

    def render(*effects, title="", source=video, is_cancelled=lambda: False, progress=lambda *_: None):
        out = tmp_path / "out.mp4"
        render_overlays(source, out, effects=effects, title=title, seed=5, progress=progress, is_cancelled=is_cancelled)
        return out

    return render


def measure_change(one: Path, other: Path, n: int) -> float:
    return float(np.abs(np.asarray(read_frame(one, n), int) - np.asarray(read_frame(other, n), int)).mean())


def read_sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], 1)


def test_a_title_that_no_installed_font_can_write_fails_with_a_reason(apply_effects, monkeypatch):
    monkeypatch.setattr("generation.animatic.fonts.find_east_asian_font", lambda: None)
    with pytest.raises(DrawingFailed, match="no font on this machine"):
        apply_effects(title="最后一班列车")


def test_all_effects_together_keep_frame_count_size_and_read_sound(apply_effects, video):
    out = apply_effects(*OVERLAYS, title="Summer")
    before, after = check_mezzanine(video), check_mezzanine(out)
    assert after == before
    assert after.frames == FRAMES
    assert np.array_equal(read_sound(out), read_sound(video))


def test_effects_can_be_applied_to_a_clip_with_effects(apply_effects, video, tmp_path):
    once = apply_effects("iris_in").rename(tmp_path / "once.mp4")
    twice = apply_effects("iris_out", source=once)
    assert measure_change(once, twice, 20) < SAME
    assert measure_change(video, twice, 0) > 15
    assert measure_change(video, twice, 48) > 15


def test_another_seed_draws_different_speed_lines(apply_effects, video, tmp_path):
    apply_effects("speed_lines").rename(tmp_path / "one.mp4")
    callbacks = {"progress": lambda *_: None, "is_cancelled": lambda: False}
    render_overlays(video, tmp_path / "two.mp4", effects=("speed_lines",), seed=6, **callbacks)
    assert measure_change(tmp_path / "one.mp4", tmp_path / "two.mp4", 20) > SAME


def test_progress_reports_every_frame(apply_effects):
    reports = []
    apply_effects("screentone", progress=lambda *report: reports.append(report))
    assert reports[1:] == [(n, FRAMES) for n in range(1, FRAMES + 1)]


def test_cancelling_stops_at_the_next_frame_and_leaves_no_file(apply_effects, tmp_path):
    with pytest.raises(Cancelled):
        apply_effects("screentone", is_cancelled=iter([False] * 9 + [True]).__next__)
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_video_fails_with_a_reason(apply_effects, video, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(video.read_bytes()[: video.stat().st_size * 2 // 3])
    with pytest.raises(DrawingFailed, match="film"):
        apply_effects("iris_in", source=broken)
    assert list(tmp_path.iterdir()) == [broken]
    broken.write_bytes(b"not a video")
    with pytest.raises(DrawingFailed, match="cannot be read"):
        apply_effects("iris_in", source=broken)


def test_only_a_few_decoded_frames_are_held_in_memory(video, apply_effects, monkeypatch):
    """Decoded frames go to the encoder before more are read, however long the video is."""
    ahead, most = [0], [0]
    copy_frame, write = YuvPlanes.copy_frame, MezzanineWriter.write

    def count_copy(planes, frame):
        ahead[0] += 1
        most[0] = max(most[0], ahead[0])
        copy_frame(planes, frame)

    def count_write(writer, packed):
        write(writer, packed)
        ahead[0] -= 1

    monkeypatch.setattr(YuvPlanes, "copy_frame", count_copy)
    monkeypatch.setattr(MezzanineWriter, "write", count_write)
    apply_effects("iris_out", title="")
    assert most[0] <= 6
