"""The largest clip a user can request fits into 700 MB of memory."""

import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from generation.animatic import picture as picture_module
from generation.animatic.picture.loading import Picture
from generation.animatic.picture.painting import is_drawing
from tests.generation.animatic import photos

PROLOGUE = """
import json, sys
from pathlib import Path
done = []
hooks = {"progress": lambda frame, total: done.append((frame, total)), "is_cancelled": lambda: False}
"""
EPILOGUE = """
status = Path("/proc/self/status").read_text()  # ru_maxrss would include the parent's memory before exec
print(json.dumps({"peak": int(status.partition("VmHWM:")[2].split()[0]) / 1024, "frames": done[-1]}))
"""
DRAW_SHOT = """
from generation.animatic.render import render
from generation.animatic.scene import Scene, Shot, Subject

subjects = (Subject("girl", name="Mio", view="front", expression="smile"), Subject("boy"))
scene = Scene("street", "night", "rain", subjects, "handheld", ("sakura",), ambience="rain", mood="gentle")
render(Shot(scene, 7, 1920, 1080, SECONDS), Path(sys.argv[1]), **hooks)
"""
LONGEST, SHORT, SHORTER = 15, 4, 1  # seconds
LIMIT = 700  # MB


def run_in_process(script: str, out) -> dict:
    """Run a script in its own process. Returns its peak memory (MB) and its last progress."""
    command = [sys.executable, "-c", PROLOGUE + script + EPILOGUE, str(out)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout)


def test_one_second_at_full_size_stays_below_the_memory_limit(tmp_path):
    report = run_in_process(DRAW_SHOT.replace("SECONDS", "0.25"), tmp_path / "clip.mp4")

    assert report["frames"] == [6, 6]
    assert report["peak"] < LIMIT, f"{report['peak']:.0f} MB"


@pytest.mark.deep
def test_fifteen_seconds_at_full_size_stay_below_the_memory_limit(tmp_path):
    """Fifteen seconds take minutes to draw: two short clips show how much memory each second adds."""
    out = {n: tmp_path / f"{n}.mp4" for n in (SHORT, SHORTER)}
    reports = {n: run_in_process(DRAW_SHOT.replace("SECONDS", str(n)), path) for n, path in out.items()}

    assert reports[SHORT]["frames"] == [24 * SHORT] * 2
    assert out[SHORT].stat().st_size > 300_000
    per_second = max(0, reports[SHORT]["peak"] - reports[SHORTER]["peak"]) / (SHORT - SHORTER)
    longest = reports[SHORT]["peak"] + per_second * (LONGEST - SHORT)
    assert longest < LIMIT, f"{reports[SHORT]['peak']:.0f} MB, and {per_second:.1f} MB for each further second"


DRAW_OVERLAYS = """
import numpy as np
from generation.animatic.mezzanine_writer import MezzanineWriter, YuvPlanes
from generation.animatic.overlay_rendering import render_overlays
from generation.animatic.scene import OVERLAYS

film, frames = Path(sys.argv[1] + ".film"), 96
writer, planes = MezzanineWriter(film, 1920, 1080, 24, frames), YuvPlanes(1920, 1080)
for n in range(frames):
    frame = np.full((1080, 1920, 4), (150, 90, 60, 255), np.uint8)
    frame[300:700, 5 * n : 5 * n + 400, :3] = (90, 200, 230)
    planes.convert(frame)
    writer.write(planes.packed)
writer.finish()
render_overlays(film, Path(sys.argv[1]), effects=OVERLAYS, title="Summer", seed=7, **hooks)
"""


@pytest.mark.deep
def test_every_effect_over_a_full_size_video_stays_below_the_memory_limit(tmp_path):
    report = run_in_process(DRAW_OVERLAYS, tmp_path / "out.mp4")

    assert report["frames"] == [96, 96]
    assert report["peak"] < LIMIT, f"{report['peak']:.0f} MB"


PAINT_PHOTO = """
from generation.animatic.render import render
from generation.animatic.scene import Scene, Shot

shot = Shot(Scene(camera="push"), 7, 1920, 1080, 3, picture=Path(sys.argv[1] + ".png"), paint=True)
render(shot, Path(sys.argv[1]), **hooks)
"""


@pytest.mark.deep
def test_painting_a_large_photo_at_full_size_stays_below_the_memory_limit(tmp_path):
    photo = photos.draw_portrait(2048, 2048)
    assert not is_drawing(photo)
    photos.save_picture(photo, tmp_path / "out.mp4.png", compress_level=1)

    report = run_in_process(PAINT_PHOTO, tmp_path / "out.mp4")

    assert report["frames"] == [72, 72]
    assert report["peak"] < LIMIT, f"{report['peak']:.0f} MB"


def test_filling_transparent_parts_takes_at_most_three_times_the_picture():
    """Intermediate arrays of a square transparent picture, read for a 1080p clip, once took 340 MB."""
    side = 1500
    across = np.linspace(0, 1, side, dtype=np.float32)
    picture = Picture(np.full((side, side, 3), 90, np.uint8), np.tile(across, (side, 1)))
    tracemalloc.start()
    try:
        whole = picture_module._fill_transparency(picture)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 3 * picture.bgr.nbytes
    left, right = whole.bgr[:, 5].astype(int), whole.bgr[:, -5].astype(int)
    assert np.abs(right - 90).max() <= 2, "opaque parts changed"
    assert 150 < left[0].mean() < 190 and left[-1].mean() > left[0].mean(), "no plain background"
