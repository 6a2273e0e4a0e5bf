"""Encode frames into a file: one thread draws, one encodes. Memory is bounded; every frame is a chance to cancel."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
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
    niceness: int = 0,
) -> None:
    """Encode ``total`` frames into ``out``, which exists only once it is complete. Raises Cancelled.

    ``niceness``: how far both threads give way to those of other clips, from 0 (not at all) to 19. The functions are
    called by the caller's own thread, which keeps its priority: it could not get it back.
    """

    def check_cancelled() -> None:
        if is_cancelled():
            raise Cancelled

    partial_file = out.with_name(out.name + ".partial")
    try:
        with (
            _EncoderThread(writer(partial_file), check_cancelled, niceness) as encoder,
            ThreadPoolExecutor(1, "animatic artist", _lower_priority, (niceness,)) as artist,
        ):

            def draw(index: int, planes: YuvPlanes) -> None:
                artist.submit(source.draw_frame, planes, index).result()

            for index in range(total):
                check_cancelled()
                encoder.put(partial(draw, index))
                progress(index + 1, total)
        partial_file.replace(out)
    finally:
        with suppress(FileNotFoundError):
            partial_file.unlink()


def _lower_priority(niceness: int) -> None:
    """Let this thread give way to others, on Linux, where each thread has its own priority."""
    if niceness and sys.platform == "linux":
        with suppress(OSError):  # not permitted everywhere
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(own + niceness, 19))


class _EncoderThread:
    """Runs the encoder on its own thread, at most ``DEPTH`` frames behind the drawing."""

    DEPTH = 4

    def __init__(self, writer: MezzanineWriter, check_cancelled: Callable[[], None], niceness: int):
        self.writer, self.check_cancelled, self.niceness = writer, check_cancelled, niceness
        self.free: queue.Queue[YuvPlanes] = queue.Queue()
        for _ in range(self.DEPTH):
            self.free.put(YuvPlanes(writer.video.width, writer.video.height))
        self.full: queue.Queue[YuvPlanes | None] = queue.Queue()
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run, name="animatic encoder", daemon=True)

    def __enter__(self) -> _EncoderThread:
        self.thread.start()
        return self

    def put(self, draw: Callable[[YuvPlanes], None]) -> None:
        """Let ``draw`` draw a frame, and queue it for encoding; blocks while the queue is full."""
        if self.error:
            raise self.error
        planes = self.free.get()
        draw(planes)
        self.full.put(planes)

    def _run(self) -> None:
        _lower_priority(self.niceness)
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
