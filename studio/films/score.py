"""Compose the music of a film in a mood. It is kept in the cache of film parts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID
from zlib import crc32

from generation.media.mezzanine import MEZZANINE_FPS, SOUND_RATE
from jobs.lifecycle.lease import Cancelled
from studio.films.cached_files import link_from_cache
from studio.render.cache import Cache, make_key
from studio.render.music import SUFFIX

VERSION = 1  # increase it if the same mood, seed and length shall give other music
MAX_MOVEMENT = 120 * MEZZANINE_FPS  # frames; the music of a longer film has several movements, each with an ending


def get_seed(story_id: UUID) -> int:
    """Return the seed of a story's music, which stays the same for all of its films."""
    return crc32(story_id.bytes) % 2**31


def compose_score(
    mood: str, seed: int, frames: int, cache: Cache, folder: Path, *, is_cancelled: Callable[[], bool]
) -> tuple[Path, str]:
    """Compose music that is as long as ``frames``. Returns the file of samples in ``folder`` and its digest.

    Raises Cancelled.
    """
    from studio.render.resize import make_once  # loads PyAV, which only workers need

    key = make_key("score", VERSION, mood, seed, frames)
    make = partial(_write_movements, mood, seed, frames, is_cancelled)
    return link_from_cache(partial(make_once, key, cache, make, SUFFIX), folder / f"music{SUFFIX}")


def _write_movements(mood: str, seed: int, frames: int, is_cancelled: Callable[[], bool], out: Path) -> None:
    from generation.animatic.sound import create_score  # loads numpy, which only workers need

    def check_cancelled() -> None:
        if is_cancelled():
            raise Cancelled

    count = -(-frames // MAX_MOVEMENT)
    with out.open("wb") as file:
        for number in range(count):
            length = frames * (number + 1) // count - frames * number // count
            samples = length * SOUND_RATE // MEZZANINE_FPS
            file.write(create_score(mood, samples, seed + number, check_cancelled).tobytes())
