"""Decode each clip completely once, before it may be part of a film.

The thumbnails of its frames are cached, so that later checks know what a film shows without decoding it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import av

from studio.render.cache import Cache, make_key
from studio.render.clip import Clip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KIND = "thumbnails"  # of cache entries


def verify_decode(clip: Clip, cache: Cache, *, is_cancelled: Callable[[], bool] = lambda: False) -> None:
    """Decode a whole clip and cache its thumbnails, unless they are cached. Raises FilmRefused "undecodable".

    Decoding takes two to four milliseconds per frame at 720p, so do it when a clip is finished, before a film needs it.
    """
    if not is_verified(clip.sha256, cache):
        import numpy as np  # not needed when a merge is repeated

        from studio.render.picture import get_planes, make_thumbnail

        shown = [
            make_thumbnail(get_planes(frame)[0])
            for frame in clip.decode_frames(0, clip.frames, is_cancelled=is_cancelled)
        ]
        cache.store(KIND, _make_key(clip.sha256), np.stack(shown).astype(np.uint8).tobytes())


def is_verified(sha256: str, cache: Cache) -> bool:
    """Return whether the whole clip was decoded before."""
    return cache.has(KIND, _make_key(sha256))


def load_clip_thumbnails(clip: Clip, cache: Cache) -> NDArray[np.uint8]:
    """Return the thumbnails of a clip, one row per frame. Decodes the clip if they are not cached."""
    import numpy as np

    content = cache.load(KIND, _make_key(clip.sha256))
    if content is None:
        verify_decode(clip, cache)
        content = cache.load(KIND, _make_key(clip.sha256)) or b""
    return np.frombuffer(content, np.uint8).reshape(clip.frames, -1)


def _make_key(sha256: str) -> str:
    return make_key("thumbnails", sha256, av.library_versions["libavcodec"])
