"""Draw the windows around joins once, and keep their verified packets and thumbnails in the cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from generation.media import mezzanine
from studio.render import packets
from studio.render.cache import Cache, make_key
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.render.layout import Window
from studio.render.packets import Packet
from studio.render.plan import Format

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKETS, THUMBNAILS = "windows", "window-thumbnails"  # kinds of cache entries


def make_window_key(window: Window, format: Format, clips: Sequence[Clip]) -> str:
    """Return the cache key of a window, made of everything that its packets depend on."""
    parts = [
        (clips[part.piece].sha256, part.start, part.end) if part else None for part in (window.earlier, window.later)
    ]
    settings = str(mezzanine.encoder_options(quick=True))
    return make_key("window", format.key, settings, str(window.join.kind), window.join.frames, *parts)


def is_cached(window: Window, format: Format, clips: Sequence[Clip], cache: Cache) -> bool:
    key = make_window_key(window, format, clips)
    return cache.has(THUMBNAILS, key) and cache.has(PACKETS, key)


def render_window(
    window: Window,
    format: Format,
    clips: Sequence[Clip],
    cache: Cache,
    *,
    tick: Callable[[], None] = lambda: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Draw, encode and cache a window unless it is cached. `tick` is called once per drawn frame.

    Raises FilmRefused "window" if the decoded packets differ from the drawn frames.
    """
    if is_cached(window, format, clips, cache):
        return
    from studio.render.drawing import draw_window  # imports numpy, which repeating a merge does not need

    made, thumbnails = draw_window(window, format, clips, tick=tick, is_cancelled=is_cancelled)
    key = make_window_key(window, format, clips)
    cache.store(THUMBNAILS, key, thumbnails.tobytes())
    cache.store(PACKETS, key, packets.pack(made))


def load_window_packets(
    window: Window,
    format: Format,
    clips: Sequence[Clip],
    cache: Cache,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[Packet]:
    """Return a window's packets. Draws the window if its cache entry is missing or damaged."""
    for _attempt in range(2):
        content = cache.load(PACKETS, make_window_key(window, format, clips))
        if content is not None:
            return packets.unpack(content)
        render_window(window, format, clips, cache, is_cancelled=is_cancelled)
    raise FilmRefused("window", "What was drawn for a join cannot be kept on this disk.")


def load_window_thumbnails(window: Window, format: Format, clips: Sequence[Clip], cache: Cache) -> NDArray[np.uint8]:
    """Return the thumbnails of a window, one row per frame. Draws the window if they are not cached."""
    import numpy as np

    key = make_window_key(window, format, clips)
    content = cache.load(THUMBNAILS, key)
    if content is None:
        render_window(window, format, clips, cache)
        content = cache.load(THUMBNAILS, key) or b""
    return np.frombuffer(content, np.uint8).reshape(window.frames, -1)
