"""Measure the pencil storyboard: CPU of a second of film, wall time of a still, memory; one thread, fresh processes.

The worst of several panels counts. The last line is JSON: `cpu_per_second` (854×480) should be at most 0.5, `still_s`
(854×480) at most 0.4, `peak_mb` at most 300, and `film_s` at most 6: the wall time of drawing and encoding four scenes
of four seconds in two processes, as two workers do, and of merging them.
"""

import dataclasses
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import cv2

from benchmarks.merge_work import build_plan
from benchmarks.verdict import list_above, report
from generation.animatic.storyboard.drawing import draw_frames, draw_still
from generation.animatic.storyboard.panel import Figure, Panel, Thing

LIMITS = {"cpu_per_second": 0.5, "still_s": 0.4, "peak_mb": 300, "film_s": 6}
SIZE, SECONDS, STILLS = (854, 480), 4.0, 3
NOTE = "The note is carried by every panel, and here it takes two lines of pencil. 直到风停。"
CROWD = tuple(Figure("child", "walk", (0.08 + 0.08 * n, 0.9), height=0.3, marks=n + 1) for n in range(12))
PANELS = {
    "turn": Panel(NOTE, "street", "market", "night", "rain", (Figure("girl", "run", (0.3, 0.9), then="wave"),)),
    "pan": Panel(NOTE, "forest", "", "dusk", "wind", (Figure("samurai", "fight"),), camera="pan_right"),
    "push": Panel(NOTE, "shop", "umbrella", figures=(Figure("hedgehog", height=0.2),), camera="push"),
    "crowd": Panel(NOTE, "field", "wheat", "night", "snow", CROWD, camera="tilt_up"),
    "library": Panel(NOTE, "room", "library", "night", camera="pull"),
    "face": Panel(NOTE, "street", "", "dusk", "", (Figure("girl", "cry", (0.4, 2.3), height=2.2, marks=7),)),
    "things": Panel(NOTE, "shore", things=tuple(Thing("bicycle", (0.06 * n, 0.9)) for n in range(1, 16))),
}
FILM = (("turn", "push"), ("pan", "face"))  # the scenes that each of two workers draws


def draw(name: str) -> None:
    """Draw a film and a still of a panel and print what they took."""
    cv2.setNumThreads(1)
    start = time.process_time()
    frames = sum(1 for _ in draw_frames(PANELS[name], SIZE, 24, SECONDS))
    cpu = time.process_time() - start
    still = statistics.median(time_still(name) for _ in range(STILLS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"cpu": cpu / SECONDS, "still": still, "peak": peak, "frames": frames}))


def time_still(name: str) -> float:
    """Return the wall seconds of a still."""
    start = time.monotonic()
    draw_still(PANELS[name], SIZE)
    return time.monotonic() - start


def measure(name: str) -> dict[str, float]:
    """Measure a panel in a fresh process. The time to start Python and to import is not counted."""
    command = [sys.executable, "-m", "benchmarks.storyboard", "draw", name]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    sys.stdout.write(
        f"{name}: {found['cpu']:.2f} CPU s a second, still {found['still']:.2f} s, {found['peak']:.0f} MB\n"
    )
    return found


def encode(folder: str, *names: str) -> None:
    """Draw and encode the clips of panels into a folder."""
    from generation.animatic.render import render
    from generation.animatic.scene import Scene, Shot

    for name in names:
        shot = Shot(Scene(style="storyboard"), 7, *SIZE, SECONDS, panel=PANELS[name])
        clip = Path(folder) / f"{name}.mp4"
        render(shot, clip, progress=lambda _done, _total: None, is_cancelled=lambda: False)
        clip.with_suffix(".json").write_text(
            json.dumps({"sha256": sha256(clip.read_bytes()).hexdigest(), "frames": shot.frames})
        )


def merge(folder: str) -> None:
    """Merge the clips of the film."""
    from studio.render.merge import merge
    from studio.render.plan import Format

    clips = [Path(folder) / f"{name}.mp4" for worker in FILM for name in worker]
    plan = dataclasses.replace(build_plan(clips), format=Format(*SIZE))
    merge(plan, Path(folder) / "film.mp4", cache=Path(folder) / "cache")


def measure_film() -> float:
    """Return the wall seconds from starting two workers until the film is merged."""
    module = [sys.executable, "-m", "benchmarks.storyboard"]
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        workers = [subprocess.Popen([*module, "encode", folder, *names]) for names in FILM]
        assert not any(worker.wait() for worker in workers)
        subprocess.run([*module, "merge", folder], check=True)
        return time.monotonic() - start


def main() -> None:
    found = [measure(name) for name in PANELS]
    figures = {
        "cpu_per_second": round(max(row["cpu"] for row in found), 2),
        "still_s": round(max(row["still"] for row in found), 2),
        "peak_mb": round(max(row["peak"] for row in found)),
        "film_s": round(measure_film(), 1),
    }
    report(figures, list_above(figures, LIMITS))


if __name__ == "__main__":
    jobs = {"draw": draw, "encode": encode, "merge": merge}
    if sys.argv[1:]:
        jobs[sys.argv[1]](*sys.argv[2:])
    else:
        main()
