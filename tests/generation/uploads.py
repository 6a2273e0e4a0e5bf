"""Pictures and videos to upload, and the text and archives that pages return."""

import io
import re
import zipfile

import av
import numpy as np
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture_file(size=(320, 200), kind="PNG", name="photo.png"):
    """Return an uploadable picture of noise."""
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, kind)
    file.seek(0)
    file.name = name
    return file


def make_video(seconds=1.0, size=(160, 90), fps=12) -> bytes:
    """Return an MP4 file that becomes lighter and lighter."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for n in range(round(seconds * fps)):
            picture = np.full((size[1], size[0], 3), 20 + 5 * (n % 40), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return out.getvalue()


def video_file(content: bytes, name="my cat.mp4"):
    """Return an uploadable video with this content."""
    return SimpleUploadedFile(name, content, "video/mp4")


def read_text(html: str) -> str:
    """Return the text of a page, without tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def read_archive(answer) -> zipfile.ZipFile:
    """Return the ZIP file of a streamed answer."""
    chunks = async_to_sync(_collect)(answer.streaming_content)
    return zipfile.ZipFile(io.BytesIO(b"".join(chunks)))


async def _collect(stream) -> list[bytes]:
    return [chunk async for chunk in stream]
