"""What a join looks like. Dissolves are sums of planes; everything that moves is a MoviePy composition.

A drawing takes the frames of the earlier clip and those of the later one and gives the film's frames.
"""

from collections.abc import Callable, Iterator

import cv2
from av.video.frame import VideoFrame

from studio.render.picture import Canvas, planes_of
from studio.render.plan import Format, Join, JoinKind

Pictures = Iterator[VideoFrame]
Drawing = Callable[[Pictures, Pictures, Join, Format], Pictures]
_BLACK, _WHITE = 16, 235  # luma of limited range
_NEUTRAL = 128

cv2.setNumThreads(1)


def draw(earlier: Pictures, later: Pictures, join: Join, format: Format) -> Pictures:
    """The frames of a join. They may borrow one buffer: use each before asking for the next."""
    if join.kind is JoinKind.CROSSFADE:
        return _crossfade(earlier, later, join, format)
    if join.kind is JoinKind.FADE_BLACK:
        return _through(_BLACK, earlier, later, join, format)
    if join.kind is JoinKind.FADE_WHITE:
        return _through(_WHITE, earlier, later, join, format)
    from studio.render.compositions import composed  # MoviePy takes half a second to import

    return composed(earlier, later, join, format)


def progress(number: int, join: Join) -> float:
    """How far the join is at its frame `number`: never 0 and never 1, those are the frames beside it."""
    return (number + 1) / (join.film_frames + 1)


def _crossfade(earlier: Pictures, later: Pictures, join: Join, format: Format) -> Pictures:
    canvas = Canvas(format.width, format.height)
    for number in range(join.frames):
        share = progress(number, join)
        before, after = next(earlier), next(later)
        for first, second, target in zip(planes_of(before), planes_of(after), canvas.planes, strict=True):
            cv2.addWeighted(first, 1 - share, second, share, 0, dst=target)
        yield canvas.frame()


def _through(luma: int, earlier: Pictures, later: Pictures, join: Join, format: Format) -> Pictures:
    canvas = Canvas(format.width, format.height)
    for number in range(join.film_frames):
        covered = 1 - abs(1 - 2 * progress(number, join))
        frame = next(earlier if number < join.tail else later)
        colours = (luma, _NEUTRAL, _NEUTRAL)
        for plane, colour, target in zip(planes_of(frame), colours, canvas.planes, strict=True):
            cv2.convertScaleAbs(plane, dst=target, alpha=1 - covered, beta=colour * covered)
        yield canvas.frame()
