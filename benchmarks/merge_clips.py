"""Clips to merge: five seconds each, with grain and sound, all different."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

from generation.animatic.render import render_still
from generation.animatic.scene import Scene, Shot, Subject
from generation.media import ffmpeg

SECONDS, FRAMES = 5, 120
GRAIN = "noise=alls=3:allf=t"
PLACES = ("hill", "street", "sea", "forest")
MOVES = (
    "z='1+0.25*on/120':x='iw/2-iw/zoom/2'",
    "z='1.3':x='(iw-iw/zoom)*on/120'",
    "z='1.35-0.25*on/120':x='iw/2-iw/zoom/2'",
    "z='1.2+0.1*sin(on/20)':x='(iw-iw/zoom)*(1-on/120)'",
)
# Eight providers: width, height, frames per second, encoder options, sound (rate, channels) or None.
X264, X265 = "-c:v libx264 -preset", "-c:v libx265 -tag:v hvc1 -x265-params log-level=error -preset"
PROVIDERS = (
    (1280, 720, 24, f"{X264} veryfast -crf 18 -pix_fmt yuv420p", (44100, 2)),
    (720, 1280, 30, f"{X264} fast -crf 21 -profile:v main -pix_fmt yuv420p -bf 2", None),
    (1280, 720, 30, f"{X264} faster -crf 19 -pix_fmt yuv420p -bf 0 -g 30", (48000, 1)),
    (1920, 1080, 25, f"{X264} faster -crf 22 -pix_fmt yuv420p", (48000, 2)),
    (832, 480, 16, f"{X264} fast -crf 18 -pix_fmt yuv420p", None),
    (1280, 768, 24, f"{X265} ultrafast -crf 22 -pix_fmt yuv420p", None),
    (1280, 720, 24, f"{X264} fast -crf 20 -pix_fmt yuv444p", (44100, 2)),
    (1280, 720, 60, f"{X264} veryfast -crf 21 -pix_fmt yuv420p -x264-params open-gop=1:keyint=48", (48000, 2)),
)  # fmt: skip


def create_one_source(folder: Path, count: int) -> list[Path]:
    """Create clips as one provider makes them."""
    with ThreadPoolExecutor(2) as pool:
        return list(
            pool.map(lambda number: _create_clip(folder, f"one{number:02}", number, PROVIDERS[0]), range(count))
        )


def create_eight_sources(folder: Path) -> list[Path]:
    """Create clips of eight sizes, rates and encodings."""

    def create(number: int) -> Path:
        return _create_clip(folder, f"eight{number}", 3 * number, PROVIDERS[number])

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(create, range(len(PROVIDERS))))


def create_tiny_clip(out: Path) -> None:
    """Create half a second of video for warming up."""
    picture = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=0.5", "-pix_fmt", "yuv420p"]
    subprocess.run([ffmpeg.find_binary(), "-y", "-v", "error", *picture, str(out)], check=True)


def _create_clip(folder: Path, name: str, number: int, provider: tuple) -> Path:
    width, height, fps, encode, sound = provider
    out = folder / f"{name}.mp4"
    picture, shape = _build_picture_arguments(folder, name, number, width, height, fps)
    command = [ffmpeg.find_binary(), "-y", "-v", "error", *picture]
    if sound:
        command += ["-f", "lavfi", "-i", _build_sound_source(number, *sound), "-map", "1:a", "-c:a", "aac"]
    command += ["-map", "0:v", *shape, *encode.split(), "-t", str(SECONDS), "-threads", "1", str(out)]
    subprocess.run(command, check=True)
    return out


def _build_picture_arguments(
    folder: Path, name: str, number: int, width: int, height: int, fps: int
) -> tuple[list[str], list[str]]:
    """Return input and filter arguments for moving pictures; half of them are camera moves over a drawing."""
    size = f"{width}x{height}"
    rate = f"s={size}:r={fps}"
    moving = {
        0: f"testsrc2={rate},hue=h={number * 37}",
        1: f"mandelbrot=s={width // 2}x{height // 2}:r={fps}:start_scale={2.2 / (number + 1)}"
        f":end_scale={1.2 / (number + 1)}:end_pts=120:maxiter=160,scale={width}:{height}",
        2: f"life=s={width // 8}x{height // 8}:r={fps}:mold=12:ratio=0.28:seed={number + 1}:death_color=#C83232,"
        f"scale={width}:{height}:flags=bicubic,boxblur=3",
        5: f"cellauto=s={width // 4}x{height // 4}:r={fps}:rule=30:seed={number + 1}:scroll=1,"
        f"scale={width}:{height},boxblur=2,hue=h={number * 20}",
    }
    if number % 8 in moving:
        return ["-f", "lavfi", "-t", str(SECONDS), "-i", f"{moving[number % 8]},{GRAIN}"], []
    drawing = folder / f"{name}.png"
    scene = Scene(PLACES[number % 4], ("sunset", "day", "night")[number % 3], "clear", (Subject("girl"),))
    cv2.imwrite(str(drawing), render_still(Shot(scene, number, 1600, 900, SECONDS), 1.0))
    move = f"{MOVES[number % 4]}:y='ih/2-ih/zoom/2':d={SECONDS * fps}:s={size}:fps={fps}"
    return ["-i", str(drawing)], ["-vf", f"scale={2 * max(width, height)}:-2,zoompan={move},{GRAIN}"]


def _build_sound_source(number: int, rate: int, channels: int) -> str:
    tone = f"0.25*sin({110 * (1 + number % 9)}*2*PI*t*(1+0.02*sin(3*t)))*(0.6+0.4*sin(9*t))+0.03*(random(0)-0.5)"
    return f"aevalsrc='{tone}':s={rate}:c={'stereo' if channels == 2 else 'mono'}:d={SECONDS}"
