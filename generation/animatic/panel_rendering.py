"""Draw the frames of a shot that is a storyboard panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import cv2
import numpy as np

from .compositor import DrawingFailed
from .layers import Effect
from .mezzanine_writer import YuvPlanes
from .scene import Shot
from .storyboard.drawing import draw_frames, draw_still


class PanelRenderer:
    """Draws the frames of a panel one after the other, with the overlays of its scene, such as a title card."""

    def __init__(self, shot: Shot, overlays: Sequence[Effect]):
        if shot.panel is None:
            raise ValueError("this shot has no panel")
        self.shot, self.panel, self.overlays = shot, shot.panel, overlays
        self.next_index = 0

    @cached_property
    def _frames(self) -> Iterator[np.ndarray]:
        shot = self.shot
        return draw_frames(self.panel, (shot.width, shot.height), shot.fps, shot.seconds, shot.seed)

    def frame(self, t: float) -> np.ndarray:
        """Return the finished panel with the overlays at ``t`` seconds: uint8 BGRA. Raises DrawingFailed."""
        size = (self.shot.width, self.shot.height)
        return self._finish(_run(lambda: draw_still(self.panel, size, self.shot.seed, self.shot.seconds)), t)

    def draw_frame(self, planes: YuvPlanes, index: int) -> None:
        """Draw frame ``index`` into the planes of the encoder. Frames are drawn in order. Raises DrawingFailed."""
        if index != self.next_index:
            raise ValueError(f"frame {index} was requested after frame {self.next_index - 1}")
        self.next_index += 1
        planes.convert(self._finish(_run(lambda: next(self._frames)), index / self.shot.fps))

    def _finish(self, drawn: np.ndarray, t: float) -> np.ndarray:
        frame = cv2.cvtColor(drawn, cv2.COLOR_RGB2BGRA)
        for effect in self.overlays:
            effect.paint(frame, t)
        return frame


def _run(draw: Callable[[], np.ndarray]) -> np.ndarray:
    try:
        return draw()
    except Exception as error:
        raise DrawingFailed(f"panel: {type(error).__name__}: {error}") from error
