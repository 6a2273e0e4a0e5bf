"""Access yuv420p pictures as arrays: their planes without copying, drawing buffers and thumbnails."""

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
THUMBNAIL_SIZE = (32, 18)  # approximate width and height, in luma samples


def get_planes(frame: VideoFrame) -> tuple[Plane, Plane, Plane]:
    """Return views of a frame's luma plane and two chroma planes, valid as long as the frame exists."""
    found = []
    for plane in frame.planes[:3]:
        buffer = np.frombuffer(plane, np.uint8, plane.line_size * plane.height)
        found.append(buffer.reshape(plane.height, plane.line_size)[:, : plane.width])
    return found[0], found[1], found[2]


class Canvas:
    """A buffer to draw pictures into, with its planes packed as PyAV and x264 expect them."""

    def __init__(self, width: int, height: int) -> None:
        self.packed = np.empty((height * 3 // 2, width), np.uint8)
        chroma = self.packed[height:].reshape(2, height // 2, width // 2)
        self.planes: tuple[Plane, Plane, Plane] = (self.packed[:height], chroma[0], chroma[1])

    def make_frame(self) -> VideoFrame:
        """Return a frame that shares the canvas's pixels, so it must be used before the next picture is drawn.

        If the height is not a multiple of four, the pixels are copied, since PyAV would shift the colours.
        """
        if len(self.planes[0]) % 4:
            return VideoFrame.from_ndarray(self.packed, format="yuv420p")
        return VideoFrame.from_numpy_buffer(self.packed, format="yuv420p")


def make_thumbnail(luma: Plane) -> NDArray[np.int16]:
    """Return a thumbnail of a luma plane. Each sample is the mean of six pixels, so that grain does not matter."""
    height, width = luma.shape
    rows, columns = max(1, height // THUMBNAIL_SIZE[1]), max(1, width // THUMBNAIL_SIZE[0])
    down, across = -(-height // rows), -(-width // columns)
    picked: Any = np.zeros((down, across), np.int32)
    steps = [(y, x) for y in (0, rows // 2) for x in (0, columns // 3, 2 * columns // 3)]
    for y, x in steps:
        part = luma[y::rows, x::columns]
        picked[: part.shape[0], : part.shape[1]] += part
    return (picked // len(steps)).astype(np.int16)
