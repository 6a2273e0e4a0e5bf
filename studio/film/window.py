"""Draw the frames around a join, encode them, and look at what came out before it is kept."""

from collections.abc import Callable, Iterator, Sequence

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from generation.media import mezzanine
from studio.film import packets
from studio.film.cache import Cache, key_of
from studio.film.clip import Clip
from studio.film.errors import FilmRefused
from studio.film.layout import Stretch, Window
from studio.film.packets import Packet
from studio.film.picture import planes_of, thumb_of
from studio.film.plan import Format

KIND, SEEN = "windows", "seen"
_MOST_LOST = 7  # mean luma steps by which encoding may change a small copy of a frame

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
    if is_kept(window, format, clips, cache):
        return
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


def seen_in(window: Window, format: Format, clips: Sequence[Clip], cache: Cache) -> NDArray[np.uint8]:
    """Small copies of what a window's packets show, one row a frame."""
    key = key_for(window, format, clips)
    content = cache.load(SEEN, key)
    if content is None:
        cache.path(KIND, key).unlink(missing_ok=True)
        render_window(window, format, clips, cache)
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
        from studio.film import effects  # OpenCV, which a film that is merged again does not need

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
