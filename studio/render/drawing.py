"""Draw the frames around a join, encode them, and look at what came out before it is kept."""

from collections.abc import Callable, Iterator, Sequence

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from studio.render import effects, packets
from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.render.join_cache import KIND, SEEN, Tick, key_for
from studio.render.layout import Stretch, Window
from studio.render.packets import Packet
from studio.render.picture import planes_of, thumb_of
from studio.render.plan import Format

_MOST_LOST = 7  # mean luma steps by which encoding may change a small copy of a frame


def draw_window(
    window: Window,
    format: Format,
    clips: Sequence[Clip],
    cache: Cache,
    *,
    tick: Tick = lambda: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Put a window's packets into the cache, and small copies of what they show."""
    key = key_for(window, format, clips)
    drawn: list[NDArray[np.int16]] = []

    def watched() -> Iterator[VideoFrame]:
        for frame in frames_of(window, format, clips, cancelled):
            drawn.append(thumb_of(planes_of(frame)[0]))
            yield frame
            tick()

    made = packets.encode(watched(), format, cancelled=cancelled)
    part = window.earlier or window.later
    assert part
    shown = verify(made, drawn, window.frames, clips[part.piece].extradata)
    cache.store(SEEN, key, np.stack(shown).astype(np.uint8).tobytes())
    cache.store(KIND, key, packets.packed(made))


def seen_in(window: Window, format: Format, clips: Sequence[Clip], cache: Cache) -> NDArray[np.uint8]:
    """Small copies of what a window's packets show, one row a frame."""
    key = key_for(window, format, clips)
    content = cache.load(SEEN, key)
    if content is None:
        cache.path(KIND, key).unlink(missing_ok=True)
        draw_window(window, format, clips, cache)
        content = cache.load(SEEN, key) or b""
    return np.frombuffer(content, np.uint8).reshape(window.frames, -1)


def frames_of(
    window: Window, format: Format, clips: Sequence[Clip], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[VideoFrame]:
    """The frames of a window as they should look, each to be used before the next is asked for."""
    earlier, later = (_pictures(part, clips, cancelled) for part in (window.earlier, window.later))
    before = (window.earlier.frames if window.earlier else 0) - window.join.tail
    after = (window.later.frames if window.later else 0) - window.join.head
    for _ in range(before):
        yield next(earlier)
    if window.join.film_frames:
        yield from effects.draw(earlier, later, window.join, format)
    for _ in range(after):
        yield next(later)


def _pictures(part: Stretch | None, clips: Sequence[Clip], cancelled: Callable[[], bool]) -> Iterator[VideoFrame]:
    return clips[part.piece].pictures(part.start, part.end, cancelled=cancelled) if part else iter(())


def verify(
    made: Sequence[Packet], drawn: Sequence[NDArray[np.int16]], frames: int, extradata: bytes
) -> list[NDArray[np.int16]]:
    """See that packets are complete, can be decoded, and show what was drawn; returns what they show, small.

    Raises FilmRefused "window".
    """
    numbers = sorted(packet.number for packet in made)
    if numbers != list(range(frames)) or len(drawn) != frames or made[0].number or not made[0].is_door:
        raise FilmRefused("window", f"A join came out with {len(made)} frames instead of {frames}.")
    try:
        shown = [thumb_of(planes_of(frame)[0]) for frame in packets.decode(made, extradata)]
    except av.FFmpegError as error:
        raise FilmRefused("window", "What was drawn for a join cannot be decoded.") from error
    if len(shown) != frames:
        raise FilmRefused("window", f"Of {frames} frames of a join only {len(shown)} can be decoded.")
    for meant, seen in zip(drawn, shown, strict=True):
        if np.abs(meant - seen).mean() > _MOST_LOST:
            raise FilmRefused("window", "A join does not show what was drawn: black, frozen or spoilt frames.")
    return shown
