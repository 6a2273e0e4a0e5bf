"""The frames around a join, as packets: what they depend on, and where they are kept once they are drawn."""

from collections.abc import Callable, Sequence

from generation.media import mezzanine
from studio.render import packets
from studio.render.cache import Cache, key_of
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.render.layout import Window
from studio.render.packets import Packet
from studio.render.plan import Format

KIND, SEEN = "windows", "seen"

Tick = Callable[[], None]


def key_for(window: Window, format: Format, clips: Sequence[Clip]) -> str:
    """What the packets of a window depend on, and nothing else."""
    parts = [
        (clips[part.piece].sha256, part.start, part.end) if part else None for part in (window.earlier, window.later)
    ]
    settings = str(mezzanine.encoder_options(quick=True))
    return key_of("window", format.key, settings, str(window.join.kind), window.join.frames, *parts)


def render_window(
    window: Window,
    format: Format,
    clips: Sequence[Clip],
    cache: Cache,
    *,
    tick: Tick = lambda: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Make sure that a window's packets are in the cache. `tick` is called for every frame that is drawn.

    Raises FilmRefused "window" if what was encoded is not what was drawn.
    """
    if not is_kept(window, format, clips, cache):
        from studio.render import drawing  # numpy, which a film that is merged again does not need

        drawing.draw_window(window, format, clips, cache, tick=tick, cancelled=cancelled)


def is_kept(window: Window, format: Format, clips: Sequence[Clip], cache: Cache) -> bool:
    """Whether a window was drawn before."""
    key = key_for(window, format, clips)
    return cache.has(SEEN, key) and cache.has(KIND, key)


def window_packets(
    window: Window,
    format: Format,
    clips: Sequence[Clip],
    cache: Cache,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Packet]:
    """A window's packets, drawn anew if they are not kept or were damaged."""
    for _attempt in range(2):
        content = cache.load(KIND, key_for(window, format, clips))
        if content is not None:
            return packets.unpacked(content)
        render_window(window, format, clips, cache, cancelled=cancelled)
    raise FilmRefused("window", "What was drawn for a join cannot be kept on this disk.")
