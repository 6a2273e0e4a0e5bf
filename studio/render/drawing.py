"""Draw and encode the frames of a window (layout.Window), and verify what the packets show."""

from collections.abc import Callable, Iterator, Sequence

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from studio.render import packets, transition_effects
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.render.layout import FrameRange, Window
from studio.render.packets import Packet
from studio.render.picture import get_planes, make_thumbnail
from studio.render.plan import Format

_MAX_DIFFERENCE = 7  # mean difference in luma (0 to 255) between a drawn thumbnail and the decoded one


def draw_window(
    window: Window,
    format: Format,
    clips: Sequence[Clip],
    *,
    tick: Callable[[], None] = lambda: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[list[Packet], NDArray[np.uint8]]:
    """Draw the frames of a window; return their packets and an array of thumbnails, one row per frame.

    `tick` is called once per drawn frame.
    """
    drawn: list[NDArray[np.int16]] = []

    def record_frames() -> Iterator[VideoFrame]:
        for frame in draw_frames(window, format, clips, is_cancelled):
            drawn.append(make_thumbnail(get_planes(frame)[0]))
            yield frame
            tick()

    made = packets.encode(record_frames(), format, is_cancelled=is_cancelled)
    part = window.earlier or window.later
    assert part
    shown = verify_packets(made, drawn, window.frames, clips[part.piece].extradata)
    return made, np.stack(shown).astype(np.uint8)


def draw_frames(
    window: Window, format: Format, clips: Sequence[Clip], is_cancelled: Callable[[], bool] = lambda: False
) -> Iterator[VideoFrame]:
    """Yield the frames of a window, not encoded yet. A frame is valid until the next one is requested."""
    earlier, later = (_decode_part(part, clips, is_cancelled) for part in (window.earlier, window.later))
    before = (window.earlier.frames if window.earlier else 0) - window.join.tail
    after = (window.later.frames if window.later else 0) - window.join.head
    for _ in range(before):
        yield next(earlier)
    if window.join.film_frames:
        yield from transition_effects.draw(earlier, later, window.join, format)
    for _ in range(after):
        yield next(later)


def _decode_part(
    part: FrameRange | None, clips: Sequence[Clip], is_cancelled: Callable[[], bool]
) -> Iterator[VideoFrame]:
    return clips[part.piece].decode_frames(part.start, part.end, is_cancelled=is_cancelled) if part else iter(())


def verify_packets(
    made: Sequence[Packet], drawn: Sequence[NDArray[np.int16]], frames: int, extradata: bytes
) -> list[NDArray[np.int16]]:
    """Verify that packets are complete, can be decoded, and show what was drawn.

    Returns thumbnails of the decoded frames. Raises FilmRefused "window".
    """
    numbers = sorted(packet.number for packet in made)
    if numbers != list(range(frames)) or len(drawn) != frames or made[0].number or not made[0].is_idr:
        raise FilmRefused("window", f"A join came out with {len(made)} frames instead of {frames}.")
    try:
        shown = [make_thumbnail(get_planes(frame)[0]) for frame in packets.decode(made, extradata)]
    except av.FFmpegError as error:
        raise FilmRefused("window", "What was drawn for a join cannot be decoded.") from error
    if len(shown) != frames:
        raise FilmRefused("window", f"Of {frames} frames of a join only {len(shown)} can be decoded.")
    for meant, seen in zip(drawn, shown, strict=True):
        if np.abs(meant - seen).mean() > _MAX_DIFFERENCE:
            raise FilmRefused("window", "A join does not show what was drawn: black, frozen or spoilt frames.")
    return shown
