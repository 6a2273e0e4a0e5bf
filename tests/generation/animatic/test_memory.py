"""The largest clip a person can ask for must fit a small machine."""

import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from generation.animatic import picture as picture_module
from generation.animatic.picture.painting import is_drawing
from generation.animatic.picture.reading import Picture
from tests.generation.animatic import photos

BEFORE = """
import json, sys
from pathlib import Path
done, heard = [], {"progress": lambda frame, total: done.append((frame, total)), "cancelled": lambda: False}
"""
AFTER = """
status = Path("/proc/self/status").read_text()  # ru_maxrss would also hold what the parent had before exec
print(json.dumps({"peak": int(status.partition("VmHWM:")[2].split()[0]) / 1024, "frames": done[-1]}))
"""
DRAWN = """
from generation.providers.animatic.render import render
from generation.providers.animatic.scene import Scene, Shot, Subject

subjects = (Subject("girl", name="Mio", view="front", expression="smile"), Subject("boy"))
scene = Scene("street", "night", "rain", subjects, "handheld", ("sakura",), ambience="rain", mood="gentle")
render(Shot(scene, 7, 1920, 1080, SECONDS), Path(sys.argv[1]), **heard)
"""
LONGEST, SHORT, SHORTER = 15, 4, 1  # seconds


def done_apart(deed: str, out) -> dict:
    """The deed in a process of its own: the most memory it held (MB) and the last progress it told."""
    command = [sys.executable, "-c", BEFORE + deed + AFTER, str(out)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout)


@pytest.mark.slow
def test_a_full_size_clip_of_fifteen_seconds_takes_less_than_700_megabytes(tmp_path):
    """Fifteen seconds take minutes to draw: two short ones tell what each second more takes."""
    out = {n: tmp_path / f"{n}.mp4" for n in (SHORT, SHORTER)}
    said = {n: done_apart(DRAWN.replace("SECONDS", str(n)), path) for n, path in out.items()}

    assert said[SHORT]["frames"] == [24 * SHORT] * 2
    assert out[SHORT].stat().st_size > 300_000
    each = max(0, said[SHORT]["peak"] - said[SHORTER]["peak"]) / (SHORT - SHORTER)
    longest = said[SHORT]["peak"] + each * (LONGEST - SHORT)
    assert longest < 700, f"{said[SHORT]['peak']:.0f} MB, and {each:.1f} MB for each second more"


OVER = """
import numpy as np
from generation.providers.animatic.encoder import MezzanineWriter, Planes
from generation.providers.animatic.laying import lay_over
from generation.providers.animatic.scene import OVERLAYS

film, frames = Path(sys.argv[1] + ".film"), 96
writer, planes = MezzanineWriter(film, 1920, 1080, 24, frames), Planes(1920, 1080)
for n in range(frames):
    frame = np.full((1080, 1920, 4), (150, 90, 60, 255), np.uint8)
    frame[300:700, 5 * n : 5 * n + 400, :3] = (90, 200, 230)
    planes.take(frame)
    writer.write(planes.packed)
writer.finish()
lay_over(film, Path(sys.argv[1]), effects=OVERLAYS, title="Summer", seed=7, **heard)
"""


@pytest.mark.slow
def test_every_effect_over_a_full_size_film_takes_less_than_700_megabytes(tmp_path):
    said = done_apart(OVER, tmp_path / "out.mp4")

    assert said["frames"] == [96, 96]
    assert said["peak"] < 700, f"{said['peak']:.0f} MB"


PAINTED = """
from generation.providers.animatic.render import render
from generation.providers.animatic.scene import Scene, Shot

shot = Shot(Scene(camera="push"), 7, 1920, 1080, 3, picture=Path(sys.argv[1] + ".png"), paint=True)
render(shot, Path(sys.argv[1]), **heard)
"""


@pytest.mark.slow
def test_a_large_photo_painted_into_a_full_size_clip_takes_less_than_700_megabytes(tmp_path):
    photo = photos.portrait(2048, 2048)
    assert not is_drawing(photo)
    photos.saved(photo, tmp_path / "out.mp4.png", compress_level=1)

    said = done_apart(PAINTED, tmp_path / "out.mp4")

    assert said["frames"] == [72, 72]
    assert said["peak"] < 700, f"{said['peak']:.0f} MB"


def test_a_picture_with_holes_takes_hardly_more_memory_than_itself():
    """A square transparent picture at the size a 1080p clip reads took 340 MB for numbers in between."""
    side = 1500
    across = np.linspace(0, 1, side, dtype=np.float32)
    picture = Picture(np.full((side, side, 3), 90, np.uint8), np.tile(across, (side, 1)))
    tracemalloc.start()
    try:
        whole = picture_module._without_holes(picture)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 3 * picture.bgr.nbytes
    left, right = whole.bgr[:, 5].astype(int), whole.bgr[:, -5].astype(int)
    assert np.abs(right - 90).max() <= 2, "what is opaque stays"
    assert 150 < left[0].mean() < 190 and left[-1].mean() > left[0].mean(), "a quiet ground shows through"
