"""Small images and videos for uploads and fake providers."""

import io

import av
import numpy as np
import pillow_heif
from PIL import Image


def moving_video(seconds: float, size=(640, 360)) -> bytes:
    """Return an MP4 in which a block moves to the right."""
    out, (width, height) = io.BytesIO(), size
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for n in range(round(seconds * 24)):
            frame = np.full((height, width, 3), 40, np.uint8)
            left = n * width // 80 % width
            frame[height // 4 : height * 2 // 3, left : left + width // 6] = (220, 120, 60)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()


def png_upload(size=(400, 300), name="sky.png") -> dict:
    """Return an image for Playwright's set_input_files."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def heic_upload(size=(400, 300), name="sky.heic") -> dict:
    """Return an image for Playwright's set_input_files that Chromium cannot show."""
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.linear_gradient("L").resize(size).convert("RGB")).save(out)
    return {"name": name, "mimeType": "image/heic", "buffer": out.getvalue()}


def mp4_upload(content: bytes, name="my cat.mp4") -> dict:
    return {"name": name, "mimeType": "video/mp4", "buffer": content}
