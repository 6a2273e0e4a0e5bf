"""What drawing an animatic costs, against encoding the very same frames and nothing else.

CPU seconds of drawing and encoding in one process (building the scene included) against ffmpeg with the mezzanine
settings fed the same frames as raw yuv420p; 5 s at 720p. The worst of the scenes counts. The last line is JSON:
`words_seconds` (wall) should stay under 10 on two idle cores, `words_vs_encode` at or under 4, `picture_vs_encode`
at or under 1.8 (painting off), `story_seconds` (benchmarks/animatic_story.py) under 60, `peak_mb` (also at 1080p,
15 s) under 700.
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

from benchmarks.animatic_story import story
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
}
ROUNDS = 3


def picture_for(folder: str) -> None:
    """A picture with a person in it, drawn here so that none has to be kept."""
    cv2.imwrite(str(Path(folder) / "picture.png"), render_still(Shot(SCENES["sea"], 3, 1600, 900, 5), 1.0))


def shot_for(name: str, folder: Path, size: tuple[int, int] = (1280, 720), seconds: float = 5) -> Shot:
    if name == "picture":
        return Shot(Scene(camera="push"), 7, *size, seconds, picture=folder / "picture.png", paint=False)
    return Shot(SCENES[name], 7, *size, seconds)


def draw(name: str, folder: str, size: str, seconds: str) -> None:
    """The work of a child: one clip."""
    width, height = (int(side) for side in size.split("x"))
    shot = shot_for(name, Path(folder), (width, height), float(seconds))
    start, wall = time.process_time(), time.monotonic()
    render(shot, Path(folder) / "out.mp4", progress=lambda _done, _total: None, is_cancelled=lambda: False)
    used = {"cpu": time.process_time() - start, "wall": time.monotonic() - wall}
    sys.stdout.write(json.dumps({**used, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def drawn(name: str, folder: Path, size: str, seconds: int) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak megabytes of drawing one clip in a fresh process.

    A worker draws many clips: what it costs to start Python is not counted, building the scene is.
    """
    command = [sys.executable, "-m", "benchmarks.animatic", "draw", name, str(folder), size, str(seconds)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return said["cpu"], said["wall"], said["peak"]


def encoded(raw: Path, out: Path) -> float:
    """CPU seconds of ffmpeg alone."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(encoding(raw, out), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def raw_frames(name: str, folder: str) -> None:
    """The work of another child: the frames as the encoder gets them, on disk."""
    shot, out = shot_for(name, Path(folder)), Path(folder) / "raw.yuv"
    film, planes = ShotRenderer(shot), YuvPlanes(shot.width, shot.height)
    with out.open("wb") as file:
        for index in range(shot.frames):
            film.draw_frame(planes, index)
            file.write(planes.packed)


def encoding(raw: Path, out: Path) -> list[str]:
    numbers = mezzanine.forced_key_frame_times(120)
    source = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "1280x720", "-r", "24", "-i", str(raw)]
    quality = ["-preset", mezzanine.MEZZANINE_PRESET, "-crf", str(mezzanine.MEZZANINE_CRF)]
    settings = ["-c:v", "libx264", *quality, "-x264-params", mezzanine.x264_params(), "-force_key_frames", numbers]
    return [ffmpeg.find_binary(), "-y", "-v", "error", "-nostdin", *source, *settings, str(out)]


def compare(name: str, folder: Path) -> tuple[float, float, float]:
    """Our CPU over the encoder's, our wall seconds, our peak; medians of interleaved rounds."""
    subprocess.run([sys.executable, "-m", "benchmarks.animatic", "raw", name, str(folder)], check=True)
    ratios, walls, peaks = [], [], []
    for _ in range(ROUNDS):
        plain = encoded(folder / "raw.yuv", folder / "plain.mp4")
        cpu, wall, peak = drawn(name, folder, "1280x720", 5)
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
        words = [compare(scene, folder) for scene in SCENES]
        picture = compare("picture", folder)
        (folder / "raw.yuv").unlink()
        whole = story()
        large = drawn("street", folder, "1920x1080", 15)
    sys.stdout.write(f"1080p, 15 s: {large[0]:.1f} CPU s, {large[1]:.1f} s, {large[2]:.0f} MB\n")
    result = {
        "words_seconds": round(max(wall for _ratio, wall, _peak in words), 2),
        "words_vs_encode": round(max(ratio for ratio, _wall, _peak in words), 2),
        "picture_vs_encode": round(picture[0], 2),
        "story_seconds": round(whole, 1),
        "peak_mb": round(max(peak for _cpu, _wall, peak in (*words, picture, large))),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    work = {"draw": draw, "raw": raw_frames, "picture": picture_for}
    if sys.argv[1:]:
        work[sys.argv[1]](*sys.argv[2:])
    else:
        main()
