"""Motion of the layers of an image: zoom about the face, sway, breath, head room."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..camera import camera_matrix, camera_view
from ..layers import Box, Effect, Pose, Stage

GROUND_DEPTH, SUBJECT_DEPTH = 0.5, 0.74  # so close that no gap opens at the edge of the subject
HEAD_ROOM = 0.05  # share of the frame's height kept above a head, unless the image has less
LEAN = 0.006  # sideways shear of an image without a subject: its bottom moves further than its top


@dataclass(frozen=True)
class Anchor:
    """The point (``x``, ``y``) about which the camera zooms, and the ``top`` of the head, in frame pixels."""

    x: float
    y: float
    top: float

    @classmethod
    def of(cls, box: tuple[float, float, float, float] | None, stage: Stage) -> "Anchor":
        """Return the anchor of the subject within ``box``; without a subject, a point above the frame's centre."""
        if box is None:
            return cls(stage.width / 2, stage.height * 0.36, stage.height)
        left, top, right, bottom = box
        x = float(np.clip((left + right) / 2, stage.width * 0.15, stage.width * 0.85))
        y = float(np.clip(top + 0.38 * (bottom - top), stage.height * 0.12, stage.height * 0.8))
        return cls(x, y, top)


class PictureCamera:
    """The camera of a source image."""

    def __init__(self, stage: Stage, camera: str, anchor: Anchor):
        self.stage, self.camera, self.anchor = stage, camera, anchor

    def shift(self, t: float, depth: float) -> tuple[float, float]:
        """Return the offset (frame pixels) that makes the camera zoom about the anchor and keep room above the head."""
        seen = camera_matrix(camera_view(self.camera, self.stage, t), depth, self.stage)
        zoom = math.hypot(seen[0, 0], seen[0, 1])
        k = (1 - zoom) / zoom
        dx = k * (self.anchor.x - self.stage.width / 2)
        dy = k * (self.anchor.y - self.stage.height / 2)
        head = seen[1, 0] * self.anchor.x + seen[1, 1] * (self.anchor.top + dy) + seen[1, 2]
        least = min(self.anchor.top, HEAD_ROOM * self.stage.height)
        if self.anchor.top < self.stage.height and head < least:
            dy += (least - head) / zoom
        return dx, dy

    def ground(self, t: float, pad: int, lean: float) -> np.ndarray:
        """Return the 2 × 3 matrix from image pixels (``pad`` included) to frame pixels. ``lean``: ``LEAN`` or 0."""
        dx, dy = self.shift(t, GROUND_DEPTH)
        view = camera_view(self.camera, self.stage, t)
        tip = lean * (view.x / 3.75 + 0.5 * math.sin(t * 0.5))
        middle = self.stage.height * 0.5
        # lower pixels are nearer and move further, without splitting the image
        leaning = np.array([[1, -tip, dx - pad + tip * (pad + middle)], [0, 1, dy - pad], [0, 0, 1]])
        return (camera_matrix(view, GROUND_DEPTH, self.stage) @ leaning)[:2]

    def subject(self, t: float) -> Pose:
        """Return the pose of the subject, which sways and breathes a little about its foot."""
        dx, dy = self.shift(t, SUBJECT_DEPTH)
        return Pose(dx=dx, dy=dy, scale=1.004 + 0.0022 * math.sin(t * 2.1), shear=0.0032 * math.sin(t * 1.35))


def create_ground_effect(image: np.ndarray, stand: PictureCamera, pad: int, lean: float) -> Effect:
    """Create the effect that paints the background: ``image`` with ``pad`` extra pixels, moved by the camera."""
    opaque = cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)

    def paint_in(frame: np.ndarray, t: float, boxes: Sequence[Box]) -> None:
        move = stand.ground(t, pad, lean)
        for x0, y0, x1, y1 in boxes:
            part = frame[y0:y1, x0:x1]
            local = move - np.array([[0, 0, x0], [0, 0, y0]])
            cv2.warpAffine(
                opaque, local, part.shape[1::-1], dst=part, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            )

    def paint(frame: np.ndarray, t: float) -> None:
        paint_in(frame, t, [(0, 0, frame.shape[1], frame.shape[0])])

    return Effect("picture", paint, GROUND_DEPTH, covers=True, paint_in=paint_in)
