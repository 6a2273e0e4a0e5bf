"""Eight numbered clips, written once for all film tests."""

import pytest

from studio.render.plan import Shot
from tests.studio.render.clips import make_mezzanine, numbered_frames, tone

LENGTHS = (60, 48, 72, 60, 30, 61, 49, 96)


@pytest.fixture(scope="session")
def shots(tmp_path_factory) -> list[Shot]:
    """Clips 0 to 7 of different lengths, each with its own tone."""
    folder = tmp_path_factory.mktemp("numbered")
    return [
        make_mezzanine(
            folder / f"{clip}.mp4",
            numbered_frames(clip),
            frames,
            pcm=tone(frames, 0.2, 220 * (clip + 1)),
            title=f"Scene {clip + 1}",
        )
        for clip, frames in enumerate(LENGTHS)
    ]
