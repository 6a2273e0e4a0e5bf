"""Effects over an existing video change only the frames they are meant for."""

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
SAME = 2.0  # mean steps of colour that encoding anew may change


def brought(path: Path, frames: int = FRAMES) -> Path:
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
def film(tmp_path_factory):
    return brought(tmp_path_factory.mktemp("film") / "film.mp4")


@pytest.fixture
def lay(film, tmp_path):
    def over(*effects, title="", of=film, cancelled=lambda: False):
        told = []
        out = tmp_path / "out.mp4"
        asked = {"effects": effects, "title": title, "seed": 5}
        render_overlays(of, out, **asked, progress=lambda *far: told.append(far), is_cancelled=cancelled)
        over.told = told
        return out

    return over


def changed(one: Path, other: Path, n: int) -> float:
    return float(np.abs(np.asarray(read_frame(one, n), int) - np.asarray(read_frame(other, n), int)).mean())


def sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], 1)


@pytest.mark.parametrize(
    ("effect", "there", "elsewhere"),
    [("impact", 27, 10), ("iris_in", 1, 40), ("iris_out", 48, 10), ("eye_catch", 24, 5)],
)
def test_an_effect_changes_only_the_frames_of_its_moment(lay, film, effect, there, elsewhere):
    out = lay(effect)
    assert changed(film, out, there) > 15
    assert changed(film, out, elsewhere) < SAME


@pytest.mark.parametrize("effect", ["speed_lines", "screentone"])
def test_a_permanent_effect_is_on_every_frame(lay, film, effect):
    out = lay(effect)
    assert all(changed(film, out, n) > SAME for n in (0, 24, 48))


def test_a_title_appears_early_and_disappears(lay, film):
    out = lay(title="Summer, again")
    assert changed(film, out, 18) > 2 * changed(film, out, 47)
    assert changed(film, out, 47) < SAME
    assert np.asarray(read_frame(out, 18))[70:100].max() > 235


def test_a_title_that_no_installed_font_can_write_fails_with_a_reason(lay, monkeypatch):
    monkeypatch.setattr("generation.animatic.overlays.text.find_east_asian_font", lambda: None)
    with pytest.raises(DrawingFailed, match="no font on this machine"):
        lay(title="最后一班列车")


def test_all_effects_together_keep_frame_count_size_and_sound(lay, film):
    out = lay(*OVERLAYS, title="Summer")
    before, after = check_mezzanine(film), check_mezzanine(out)
    assert after == before
    assert after.frames == FRAMES
    assert np.array_equal(sound(out), sound(film))


def test_effects_can_be_applied_to_a_clip_with_effects(lay, film, tmp_path):
    once = lay("iris_in").rename(tmp_path / "once.mp4")
    twice = lay("iris_out", of=once)
    assert changed(once, twice, 20) < SAME
    assert changed(film, twice, 0) > 15
    assert changed(film, twice, 48) > 15


def test_another_seed_draws_different_speed_lines(lay, film, tmp_path):
    lay("speed_lines").rename(tmp_path / "one.mp4")
    nothing = {"progress": lambda *far: None, "is_cancelled": lambda: False}
    render_overlays(film, tmp_path / "two.mp4", effects=("speed_lines",), seed=6, **nothing)
    assert changed(tmp_path / "one.mp4", tmp_path / "two.mp4", 20) > SAME


def test_progress_reports_every_frame(lay):
    lay("screentone")
    assert lay.told[1:] == [(n, FRAMES) for n in range(1, FRAMES + 1)]


def test_cancelling_stops_at_the_next_frame_and_leaves_no_file(lay, tmp_path):
    with pytest.raises(Cancelled):
        lay("screentone", cancelled=iter([False] * 9 + [True]).__next__)
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_video_fails_with_a_reason(lay, film, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    with pytest.raises(DrawingFailed, match="film"):
        lay("iris_in", of=broken)
    assert list(tmp_path.iterdir()) == [broken]
    broken.write_bytes(b"no film at all")
    with pytest.raises(DrawingFailed, match="cannot be read"):
        lay("iris_in", of=broken)


def test_only_a_few_decoded_frames_are_held_in_memory(film, lay, monkeypatch):
    """Decoded frames go to the encoder before more are read, however long the video is."""
    ahead, most = [0], [0]
    keep, write = YuvPlanes.copy_frame, MezzanineWriter.write

    def kept(planes, frame):
        ahead[0] += 1
        most[0] = max(most[0], ahead[0])
        keep(planes, frame)

    def written(writer, packed):
        write(writer, packed)
        ahead[0] -= 1

    monkeypatch.setattr(YuvPlanes, "copy_frame", kept)
    monkeypatch.setattr(MezzanineWriter, "write", written)
    lay("iris_out", title="")
    assert most[0] <= 6
