"""Measure how long a user waits until a whole story can be watched: eight scenes of 5 s at storyboard size.

Two processes act as the workers of a default installation; each takes the next scene when it has finished one. The time
runs from the request to the last clip and includes reading the prompts, but not starting Python. `story_seconds` should
stay under 60 on two idle cores.
"""

import json
import multiprocessing
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from generation.providers.adapters.local.options import BOARD_LINES
from generation.providers.adapters.local.provider import AnimaticProvider
from generation.providers.base import ClipRequest, Watch

WORKERS = 2
MIKA = {"name": "Mika", "kind": "person", "description": "a schoolgirl with long red hair and a scarf"}
KEN = {"name": "Ken", "kind": "person", "description": "a boy with spiky hair in a hoodie"}
SCENES = (
    ("Mika stands on the hill at sunset. Cherry petals in the wind.", (MIKA,), {}),
    ("Mika waits under the lanterns of the platform at night. A cat sits beside her.", (MIKA,), {}),
    ("Close-up of Mika, crying, in the rain.", (MIKA,), {"line": "I will write to you.", "speaker": "Mika"}),
    ("Ken runs through the street at night in the rain.", (KEN,), {}),
    ("Mika looks out of the classroom window by day.", (MIKA,), {}),
    ("Ken and Mika walk along the sea at dawn. Gulls. Slow pan.", (KEN, MIKA), {}),
    ("A train in the snow field, far away.", (), {}),
    ("Ken smiles and waves.", (KEN,), {"line": "The last train of summer!", "speaker": "Ken"}),
)


def draw(folder: str, seconds: int, lines: int, n: int) -> None:
    """Draw one scene in a worker."""
    prompt, cast, line = SCENES[n]
    request = ClipRequest(prompt, "16:9", seconds, lines, seed=n, options={"cast": list(cast), **line})
    AnimaticProvider().draw(request, Path(folder) / f"{n}.mp4", Watch(lambda _done, _total: None))


def measure_story(seconds: int = 5, lines: int = BOARD_LINES) -> float:
    """Return the seconds until every scene is drawn."""
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(WORKERS) as workers:
        workers.map(time.sleep, [1] * WORKERS, chunksize=1)  # wait until both are ready
        started = time.monotonic()
        workers.map(partial(draw, folder, seconds, lines), range(len(SCENES)), chunksize=1)
        took = time.monotonic() - started
    sys.stdout.write(f"{len(SCENES)} scenes of {seconds} s at {lines}p, {WORKERS} workers: {took:.1f} s\n")
    return took


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"story_seconds": round(measure_story(*map(int, sys.argv[1:])), 1)}) + "\n")
