"""Tiny clips, made by the ffmpeg that the studio uses. Nothing is downloaded."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generation.media import ffmpeg

MakeClip = Callable[..., Path]
MOVING_PATTERN = "testsrc2=s={size}:r={rate}:d={seconds}"
TONE = "sine=f=440:r=44100:d={seconds}"


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    """make_clip("name.mp4", *ffmpeg output arguments, size=, rate=, seconds=, picture=, sound=) → path."""
    folder = tmp_path_factory.mktemp("clips")

    def make(name, *arguments, size="160x90", rate=24, seconds=1.0, picture=MOVING_PATTERN, sound=None):
        out = folder / name
        if out.exists():
            return out
        values = {"size": size, "rate": rate, "seconds": seconds}
        command = [ffmpeg.find_binary(), "-y", "-v", "error", "-f", "lavfi", "-i", picture.format(**values)]
        if sound:
            command += ["-f", "lavfi", "-i", sound.format(**values)]
        defaults = [] if "-c:v" in arguments else ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        subprocess.run([*command, *defaults, *arguments, str(out)], check=True, timeout=600)
        return out

    return make


@pytest.fixture(scope="session")
def plain(make_clip: MakeClip) -> Path:
    """One second of moving bars with a tone, like a clip of a provider."""
    return make_clip("plain.mp4", "-metadata", "title=secret", "-movflags", "+faststart", sound=TONE)


@pytest.fixture(scope="session")
def long_clip(make_clip: MakeClip) -> Path:
    """A clip that takes seconds to encode, for tests that interrupt it."""
    return make_clip("long.mp4", size="640x360", seconds=30.0, picture="testsrc2=s={size}:r={rate}:d={seconds}")
