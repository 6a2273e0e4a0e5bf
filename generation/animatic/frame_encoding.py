"""Encode frames into a file: one thread draws, one encodes. Memory is bounded; every frame is a chance to cancel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from .mezzanine_writer import MezzanineWriter, YuvPlanes


class Cancelled(Exception):
    """The user cancelled the clip; no file is left."""


class FrameSource(Protocol):
    """Draws the frames of a clip in order."""

    def draw_frame(self, planes: YuvPlanes, index: int) -> None:
        """Draw frame ``index`` into the planes of the encoder."""


def encode_frames(
    source: FrameSource,
    total: int,
    out: Path,
    writer: Callable[[Path], MezzanineWriter],
    *,
    progress: Callable[[int, int], None],
    is_cancelled: Callable[[], bool],
) -> None:
    """Encode ``total`` frames into ``out``, which exists only once it is complete. Raises Cancelled."""

    def check_cancelled() -> None:
        if is_cancelled():
            raise Cancelled

    partial_file = out.with_name(out.name + ".partial")
    try:
        with _EncoderThread(writer(partial_file), check_cancelled) as encoder:
            for index in range(total):
                check_cancelled()
                encoder.put(source, index)
                progress(index + 1, total)
        partial_file.replace(out)
    finally:
        with suppress(FileNotFoundError):
            partial_file.unlink()


class _EncoderThread:
    """Runs the encoder on its own thread, at most ``DEPTH`` frames behind the drawing."""

    DEPTH = 4

    def __init__(self, writer: MezzanineWriter, check_cancelled: Callable[[], None]):
        self.writer, self.check_cancelled = writer, check_cancelled
        self.free: queue.Queue[YuvPlanes] = queue.Queue()
        for _ in range(self.DEPTH):
            self.free.put(YuvPlanes(writer.video.width, writer.video.height))
        self.full: queue.Queue[YuvPlanes | None] = queue.Queue()
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run, name="animatic encoder", daemon=True)

    def __enter__(self) -> _EncoderThread:
        self.thread.start()
        return self

    def put(self, source: FrameSource, index: int) -> None:
        """Draw a frame and queue it for encoding; blocks while the queue is full."""
        if self.error:
            raise self.error
        planes = self.free.get()
        source.draw_frame(planes, index)
        self.full.put(planes)

    def _run(self) -> None:
        while (planes := self.full.get()) is not None:
            try:
                if self.error is None:
                    self.writer.write(planes.packed)
            except Exception as error:  # noqa: BLE001  raised again by the drawing thread
                self.error = error
            self.free.put(planes)

    def __exit__(self, kind: type | None, *_rest: object) -> None:
        self.full.put(None)
        self.thread.join()
        if kind is None and self.error is None:
            try:
                self.writer.finish(self.check_cancelled)
            except BaseException:
                with suppress(Exception):
                    self.writer.close()
                raise
            return
        with suppress(Exception):  # the file is deleted; the first error matters
            self.writer.close()
        if kind is None and self.error:
            raise self.error
