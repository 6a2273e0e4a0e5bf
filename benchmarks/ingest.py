"""Compare the cost of ingesting a foreign clip with plain ffmpeg encoding the same clip at the same quality.

Measures CPU seconds of the whole process tree, both in turn on the same clips (5 s, 720p, with film grain and sound).
The last line is JSON; `ingest_vs_ffmpeg` should stay at or under 1.25, posters and previews included.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generation.media import ffmpeg, mezzanine
from generation.media.ingest import ingest

GRAIN = "noise=alls=3:allf=t"
PICTURES = (
    f"testsrc2=s=1280x720:r=24:d=5,{GRAIN}",
    f"mandelbrot=s=1280x720:r=24:start_scale=1.1:end_scale=0.6:end_pts=120:maxiter=160,{GRAIN},trim=duration=5",
    f"cellauto=s=320x180:r=24:rule=30:seed=1:scroll=1,scale=1280:720,boxblur=2,{GRAIN},trim=duration=5",
)
ROUNDS = 3


def measure_cpu() -> float:
    """Return the CPU seconds used so far by this process and by its children that have ended."""
    usages = (resource.getrusage(owner) for owner in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def make_clip(number: int, out: Path) -> Path:
    sound = ["-f", "lavfi", "-i", "sine=f=220:r=44100:d=5"]
    encode = ["-c:v", "libx264", "-preset", "medium", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", "5"]
    command = [
        ffmpeg.find_binary(),
        "-y",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        PICTURES[number],
        *sound,
        *encode,
        str(out),
    ]
    subprocess.run(command, check=True)
    return out


def encode_with_ffmpeg(source: Path, folder: Path) -> None:
    encode = ["-c:v", "libx264", "-preset", mezzanine.MEZZANINE_PRESET, "-crf", str(mezzanine.MEZZANINE_CRF)]
    command = [
        ffmpeg.find_binary(),
        "-y",
        "-v",
        "error",
        "-i",
        str(source),
        *encode,
        "-c:a",
        "aac",
        str(folder / "out.mp4"),
    ]
    subprocess.run(command, check=True)


def measure(work, source: Path) -> tuple[float, float]:
    """Return CPU and wall seconds of `work(source, folder)`."""
    with tempfile.TemporaryDirectory() as folder:
        cpu, wall = measure_cpu(), time.monotonic()
        work(source, Path(folder))
        return measure_cpu() - cpu, time.monotonic() - wall


def main() -> None:
    ratios, ours, walls = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        clips = [make_clip(number, Path(folder) / f"{number}.mp4") for number in range(len(PICTURES))]
        measure(lambda source, out: ingest(source, out, is_trusted=False), clips[0])  # fills caches, finds the binary
        for _ in range(ROUNDS):
            for clip in clips:
                plain, _wall = measure(encode_with_ffmpeg, clip)
                cpu, wall = measure(lambda source, out: ingest(source, out, is_trusted=False), clip)
                ratios.append(cpu / plain)
                ours.append(cpu)
                walls.append(wall)
                sys.stdout.write(f"{clip.name}: ffmpeg {plain:.2f} CPU s, ingest {cpu:.2f} CPU s, {wall:.2f} s\n")
    result = {
        "ingest_vs_ffmpeg": round(statistics.median(ratios), 3),
        "ingest_cpu_seconds": round(statistics.median(ours), 2),
        "ingest_seconds": round(statistics.median(walls), 2),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
