"""Measure the pencil storyboard: CPU of a second of film, wall time of a still, memory; one thread, fresh processes.

The worst of several panels counts. The last line is JSON: `cpu_per_second` (854×480) should be at most 0.5, `still_s`
(854×480) at most 0.4, `peak_mb` at most 300.
"""

import json
import resource
import statistics
import subprocess
import sys
import time

import cv2

from benchmarks.verdict import list_above, report
from generation.animatic.storyboard.drawing import draw_frames, draw_still
from generation.animatic.storyboard.panel import Figure, Panel, Thing

LIMITS = {"cpu_per_second": 0.5, "still_s": 0.4, "peak_mb": 300}
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


def main() -> None:
    found = [measure(name) for name in PANELS]
    figures = {
        "cpu_per_second": round(max(row["cpu"] for row in found), 2),
        "still_s": round(max(row["still"] for row in found), 2),
        "peak_mb": round(max(row["peak"] for row in found)),
    }
    report(figures, list_above(figures, LIMITS))


if __name__ == "__main__":
    if sys.argv[1:2] == ["draw"]:
        draw(sys.argv[2])
    else:
        main()
