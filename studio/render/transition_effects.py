"""Draw joins: crossfades and fades as weighted sums of planes, joins with movement with MoviePy."""

from collections.abc import Callable, Iterator

import cv2
from av.video.frame import VideoFrame

from studio.render.picture import Canvas, get_planes
from studio.render.plan import Format, Join, JoinKind

Pictures = Iterator[VideoFrame]
Drawing = Callable[[Pictures, Pictures, Join, Format], Pictures]
_BLACK, _WHITE = 16, 235  # luma of limited range
_NEUTRAL = 128

cv2.setNumThreads(1)


def draw(earlier: Pictures, later: Pictures, join: Join, format: Format) -> Pictures:
    """Yield the frames of a join. A frame is valid until the next one is requested, since they may share a buffer."""
    if join.kind is JoinKind.CROSSFADE:
        return _crossfade(earlier, later, join, format)
    if join.kind is JoinKind.FADE_BLACK:
        return _fade_through(_BLACK, earlier, later, join, format)
    if join.kind is JoinKind.FADE_WHITE:
        return _fade_through(_WHITE, earlier, later, join, format)
    from studio.render.compositions import compose  # MoviePy takes half a second to import

    return compose(earlier, later, join, format)


def get_progress(number: int, join: Join) -> float:
    """Return the progress of a join at its frame `number`. 0 and 1 would be the frames before and after the join."""
    return (number + 1) / (join.film_frames + 1)


def _crossfade(earlier: Pictures, later: Pictures, join: Join, format: Format) -> Pictures:
    canvas = Canvas(format.width, format.height)
    for number in range(join.frames):
        share = get_progress(number, join)
        before, after = next(earlier), next(later)
        for first, second, target in zip(get_planes(before), get_planes(after), canvas.planes, strict=True):
            cv2.addWeighted(first, 1 - share, second, share, 0, dst=target)
        yield canvas.make_frame()


def _fade_through(luma: int, earlier: Pictures, later: Pictures, join: Join, format: Format) -> Pictures:
    canvas = Canvas(format.width, format.height)
    for number in range(join.film_frames):
        covered = 1 - abs(1 - 2 * get_progress(number, join))
        frame = next(earlier if number < join.tail else later)
        colours = (luma, _NEUTRAL, _NEUTRAL)
        for plane, colour, target in zip(get_planes(frame), colours, canvas.planes, strict=True):
            cv2.convertScaleAbs(plane, dst=target, alpha=1 - covered, beta=colour * covered)
        yield canvas.make_frame()
