"""Read a music bed at any position of a film, repeating it endlessly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from generation.media.mezzanine import SOUND_RATE
from studio.render.errors import FilmRefused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_BYTES = 4  # of one stereo sample


class MusicLoop:
    """A music bed (a file of raw samples) that repeats endlessly. Raises FilmRefused "music" if missing or changed."""

    def __init__(self, path: Path, sha256: str) -> None:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise FilmRefused("music", "The music of this film is not there any more.") from error
        self.path, self.length = path, path.stat().st_size // SAMPLE_BYTES
        if digest != sha256 or not self.length:
            raise FilmRefused("music", "The music of this film is damaged or was exchanged.")

    def read_blocks(self) -> Iterator[NDArray[np.int16]]:
        """Yield the whole bed once, ten seconds at a time."""
        import numpy as np

        for at in range(0, self.length, 10 * SOUND_RATE):
            count = min(10 * SOUND_RATE, self.length - at)
            yield np.fromfile(self.path, "<i2", count * 2, offset=at * SAMPLE_BYTES).reshape(-1, 2)

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Return `count` samples from sample `start` of the film, between -1 and 1."""
        import numpy as np

        parts, at = [], start % self.length
        while count > 0:
            taken = min(count, self.length - at)
            parts.append(np.fromfile(self.path, "<i2", taken * 2, offset=at * SAMPLE_BYTES).reshape(-1, 2))
            count, at = count - taken, 0
        return np.concatenate(parts).astype(np.float32) / np.float32(32768)
