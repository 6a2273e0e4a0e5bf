"""Compare the cost of drawing an animatic with that of encoding the same frames.

Measures CPU seconds of drawing and encoding in one process (building the scene included) against ffmpeg with the
mezzanine settings fed the same frames as raw yuv420p; 5 s at 720p. The slowest scene counts. The last line is JSON:
`words_seconds` (wall) should stay under 10 on two idle cores, `words_vs_encode` at or under 4, `picture_vs_encode` at
or under 1.8 (painting off), `story_seconds` (benchmarks/animatic_story.py) under 60, `peak_mb` (also at 1080p, 15 s)
under 700.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

from benchmarks.animatic_story import measure_story
from generation.animatic.mezzanine_writer import YuvPlanes
from generation.animatic.render import ShotRenderer, render, render_still
from generation.animatic.scene import Scene, Shot, Subject
from generation.media import ffmpeg, mezzanine

GIRL, FACE = Subject("girl", name="Mio"), Subject("girl", name="Mio", view="front", expression="smile")
SCENES = {
    "hill": Scene("hill", "sunset", "clear", (GIRL,), "push", ("sakura",)),
    "street": Scene("street", "night", "rain", (GIRL, Subject("boy")), "pan_right"),
    "sea": Scene("sea", "day", "clear", (FACE,), "handheld"),
    "forest": Scene("forest", "dawn", "fog", (GIRL, Subject("dog")), "pull", ("leaves",)),
    "props": Scene("hill", "day", "clear", (GIRL, Subject("bus", 2), Subject("penguin", 5)), "pan_left", ("leaves",)),
}
ROUNDS = 3


def draw_picture(folder: str) -> None:
    """Draw the picture that one clip starts from, with a person, so that no picture has to be stored in the
    repository."""
    cv2.imwrite(str(Path(folder) / "picture.png"), render_still(Shot(SCENES["sea"], 3, 1600, 900, 5), 1.0))


def build_shot(name: str, folder: Path, size: tuple[int, int] = (1280, 720), seconds: float = 5) -> Shot:
    if name == "picture":
        return Shot(Scene(camera="push"), 7, *size, seconds, picture=folder / "picture.png", paint=False)
    return Shot(SCENES[name], 7, *size, seconds)


def draw(name: str, folder: str, size: str, seconds: str) -> None:
    """Draw one clip in a child process."""
    width, height = (int(side) for side in size.split("x"))
    shot = build_shot(name, Path(folder), (width, height), float(seconds))
    start, wall = time.process_time(), time.monotonic()
    render(shot, Path(folder) / "out.mp4", progress=lambda _done, _total: None, is_cancelled=lambda: False)
    used = {"cpu": time.process_time() - start, "wall": time.monotonic() - wall}
    sys.stdout.write(json.dumps({**used, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def measure_drawing(name: str, folder: Path, size: str, seconds: int) -> tuple[float, float, float]:
    """Measure drawing one clip in a fresh process.

    Returns CPU seconds, wall seconds and peak memory in megabytes. The time to start Python is not counted, because a
    worker draws many clips; building the scene is.
    """
    command = [sys.executable, "-m", "benchmarks.animatic", "draw", name, str(folder), size, str(seconds)]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result["cpu"], result["wall"], result["peak"]


def measure_encoding(raw: Path, out: Path) -> float:
    """Return the CPU seconds in which ffmpeg alone encodes the raw frames."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(build_encoder_command(raw, out), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_raw_frames(name: str, folder: str) -> None:
    """Write the frames as the encoder gets them to disk, in a child process."""
    shot, out = build_shot(name, Path(folder)), Path(folder) / "raw.yuv"
    film, planes = ShotRenderer(shot), YuvPlanes(shot.width, shot.height)
    with out.open("wb") as file:
        for index in range(shot.frames):
            film.draw_frame(planes, index)
            file.write(planes.packed)


def build_encoder_command(raw: Path, out: Path) -> list[str]:
    numbers = mezzanine.forced_key_frame_times(120)
    source = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "1280x720", "-r", "24", "-i", str(raw)]
    quality = ["-preset", mezzanine.MEZZANINE_PRESET, "-crf", str(mezzanine.MEZZANINE_CRF)]
    settings = ["-c:v", "libx264", *quality, "-x264-params", mezzanine.x264_params(), "-force_key_frames", numbers]
    return [ffmpeg.find_binary(), "-y", "-v", "error", "-nostdin", *source, *settings, str(out)]


def compare(name: str, folder: Path) -> tuple[float, float, float]:
    """Return our CPU time relative to the encoder's, our wall seconds (both medians of rounds) and our peak memory
    (MB)."""
    subprocess.run([sys.executable, "-m", "benchmarks.animatic", "raw", name, str(folder)], check=True)
    ratios, walls, peaks = [], [], []
    for _ in range(ROUNDS):
        plain = measure_encoding(folder / "raw.yuv", folder / "plain.mp4")
        cpu, wall, peak = measure_drawing(name, folder, "1280x720", 5)
        ratios.append(cpu / plain)
        walls.append(wall)
        peaks.append(peak)
        sys.stdout.write(f"{name}: encode {plain:.2f} CPU s, draw {cpu:.2f} CPU s, {wall:.2f} s, {peak:.0f} MB\n")
        sys.stdout.flush()
    return statistics.median(ratios), statistics.median(walls), max(peaks)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "benchmarks.animatic", "picture", name], check=True)
        scenes = [compare(scene, folder) for scene in SCENES]
        picture = compare("picture", folder)
        (folder / "raw.yuv").unlink()
        story_seconds = measure_story()
        large = measure_drawing("street", folder, "1920x1080", 15)
    sys.stdout.write(f"1080p, 15 s: {large[0]:.1f} CPU s, {large[1]:.1f} s, {large[2]:.0f} MB\n")
    result = {
        "words_seconds": round(max(wall for _ratio, wall, _peak in scenes), 2),
        "words_vs_encode": round(max(ratio for ratio, _wall, _peak in scenes), 2),
        "picture_vs_encode": round(picture[0], 2),
        "story_seconds": round(story_seconds, 1),
        "peak_mb": round(max(peak for _cpu, _wall, peak in (*scenes, picture, large))),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    work = {"draw": draw, "raw": write_raw_frames, "picture": draw_picture}
    if sys.argv[1:]:
        work[sys.argv[1]](*sys.argv[2:])
    else:
        main()
