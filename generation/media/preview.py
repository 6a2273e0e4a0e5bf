"""The hover preview: three silent seconds, small enough for a page full of them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from generation.media.review import ProxyFrame

PREVIEW_BYTES = 200_000
_ENCODER = {
    "preset": "veryfast",
    "crf": "27",
    "profile": "main",
    # The rate limit keeps rain and noise below PREVIEW_BYTES.
    "x264-params": "keyint=12:scenecut=0:bframes=2:ref=2:vbv-maxrate=420:vbv-bufsize=420:threads=1",
}
_FILE = {"movflags": "+faststart", "fflags": "+bitexact"}  # bitexact omits the encoder's name
_BT709 = 1
_LIMITED_RANGE = 1


def write_preview(frames: Sequence[ProxyFrame], fps: float, out: Path) -> None:
    """Write small I420 frames as an H.264 MP4 without sound, with the index before the data."""
    rate = Fraction(fps).limit_denominator(1000)
    with av.open(str(out), "w", format="mp4", options=_FILE) as container:
        stream = container.add_stream("libx264", rate=rate, options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0] * 2 // 3, "yuv420p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED_RANGE
        for number, small in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(small, format="yuv420p")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
