"""A puppet: parts drawn once, in one common plane, and their motions.

Parts are given in drawing order, back to front. Cloth and hair get a ``Sway``: a loop of pre-drawn phases of a wave
that travels from root to tip, so that nothing is drawn during playback.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..layers import Image, Layer, Pose
from ..styles.colour import bgr
from .brush import Brush
from .ink import Sheet

# keep tables of points in rows
# fmt: off

Motion = Callable[[float], Pose]
LOOP_BYTES = 48_000_000
PHASES_PER_SECOND = 12  # hair and cloth change every second frame, as in hand-drawn animation


@dataclass(frozen=True)
class Sway:
    """A wave from ``root`` to ``tip`` (heights in units), ``amount`` units sideways at the tip.

    ``lean`` is a steady drift with the wind (units at the tip), ``lift`` raises the tips, ``waves`` is the number of
    wave lengths between root and tip, ``seconds`` one full loop, ``phase`` where it starts (0 to 1).
    """

    root: float
    tip: float
    amount: float
    lean: float = 0.0
    lift: float = 0.0
    waves: float = 0.7
    seconds: float = 2.0
    phase: float = 0.0


@dataclass
class Part:
    """One drawn part.

    Pivots are in units of the drawing plane; poses of ``motion`` and ``parent`` have dx to the right and dy upwards in
    units, and turn clockwise as seen.
    """

    name: str
    sheet: Sheet
    pivot: tuple[float, float] = (0.0, 0.0)
    motion: Motion | None = None
    sway: Sway | None = None
    rim: bool = True
    parent: Motion | None = None  # moves several parts together, about ``parent_pivot``
    parent_pivot: tuple[float, float] = (0.0, 0.0)


class Puppet:
    """Collects parts and builds layers from them. (``x``, ``y``) is the position of the plane's origin on the stage."""

    def __init__(self, name: str, brush: Brush, x: float, y: float, depth: float, flip: bool = False) -> None:
        self.name, self.brush, self.x, self.y, self.depth, self.flip = name, brush, x, y, depth, flip
        self.parts: list[Part] = []
        self.rim = 0.75  # width of the light along the edge, in units

    def add(self, name: str, sheet: Sheet, **options: object) -> None:
        """Add the next part in front of the others."""
        self.parts.append(Part(name, sheet, **options))  # type: ignore[arg-type]

    def build_layers(self, whole: Motion | None = None) -> list[Layer]:
        """Build a layer for each part. ``whole`` moves all parts together, as in a walk across the frame."""
        cover = self._silhouette()
        rng = self.brush.stage.rng("texture " + self.name)
        layers = (self._layer(part, cover, rng, whole) for part in self.parts)
        return [layer for layer in layers if layer is not None]

    def _silhouette(self) -> tuple[np.ndarray, float, float]:
        """Return the coverage of all parts together and the plane position of its top left pixel."""
        left = min(p.sheet.bounds.left for p in self.parts)
        top = max(p.sheet.bounds.top for p in self.parts)
        right = max(p.sheet.bounds.right for p in self.parts)
        bottom = min(p.sheet.bounds.bottom for p in self.parts)
        s = self.brush.scale
        cover = np.zeros((math.ceil((top - bottom) * s) + 4, math.ceil((right - left) * s) + 4), np.uint8)
        for part in self.parts:
            alpha = part.sheet.finished()[..., 3]
            x, y = round((part.sheet.bounds.left - left) * s), round((top - part.sheet.bounds.top) * s)
            region = cover[y : y + alpha.shape[0], x : x + alpha.shape[1]]
            np.maximum(region, alpha[: region.shape[0], : region.shape[1]], out=region)
        return cover, left, top

    def _layer(
        self, part: Part, cover: tuple[np.ndarray, float, float], rng: np.random.Generator, whole: Motion | None
    ) -> Layer | None:
        s, bounds = self.brush.scale, part.sheet.bounds
        image = part.sheet.finished()
        if part.rim:
            image = self._rim_light(image, bounds.left, bounds.top, cover)
        x0, y0, w, h = cv2.boundingRect(image[..., 3])
        if not w:
            return None
        pad = 2 + (math.ceil((part.sway.amount + abs(part.sway.lean)) * s) if part.sway else 0)
        image = cv2.copyMakeBorder(
            image[y0 : y0 + h, x0 : x0 + w], pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
        )
        if self.brush.ink.texture:
            image = self.brush.ink.texture(image, s, rng)
        left = bounds.left + (x0 - pad) / s
        top = bounds.top - (y0 - pad) / s
        frames = self._phases(part, image, top)
        pivot = ((part.pivot[0] - left) * s, (top - part.pivot[1]) * s)
        return self._placed(part, frames, left, top, pivot, whole)

    def _placed(
        self, part: Part, frames: list[Image], left: float, top: float, pivot: tuple[float, float],
        whole: Motion | None,
    ) -> Layer:
        s, width = self.brush.scale, frames[0].shape[1]
        x = self.x + left * s
        if self.flip:
            frames = [np.ascontiguousarray(f[:, ::-1]) for f in frames]
            x, pivot = self.x - left * s - width, (width - pivot[0], pivot[1])
        motion = self._moved(part, whole)
        per_second = (len(frames) / part.sway.seconds) if part.sway else float(PHASES_PER_SECOND)
        redraw = (lambda t: frames[int(t * per_second + 1e-6) % len(frames)]) if len(frames) > 1 else None
        return Layer(f"{self.name} {part.name}", frames[0], x, self.y - top * s, self.depth, pivot, motion, redraw)

    def _moved(self, part: Part, whole: Motion | None) -> Motion | None:
        """Return the motion of a part in pixels: its own, carried by its parent and by ``whole``."""
        own, parent, s, sign = part.motion, part.parent, self.brush.scale, -1 if self.flip else 1
        px, py = part.pivot[0] * s * sign, -part.pivot[1] * s
        qx, qy = (part.pivot[0] - part.parent_pivot[0]) * s * sign, -(part.pivot[1] - part.parent_pivot[1]) * s

        def pixels(pose: Pose) -> Pose:
            return replace(pose, dx=pose.dx * s * sign, dy=-pose.dy * s, turn=pose.turn * sign, shear=pose.shear * sign)

        def motion(t: float) -> Pose:
            pose = pixels(own(t)) if own else Pose()
            if parent:
                pose = carry_pose(pose, pixels(parent(t)), qx, qy)
            return carry_pose(pose, whole(t), px, py) if whole else pose

        return motion if own or parent or whole else None

    def _phases(self, part: Part, image: Image, top: float) -> list[Image]:
        """Return the images of a part: the loop of its sway or of trembling lines, or only ``image``."""
        s = self.brush.scale
        if part.sway:
            return [warp_wave(image, part.sway, top, s, k) for k in _space_phases(part.sway.seconds, image.nbytes)]
        if self.brush.ink.boil:
            return [tremble(image, self.brush.ink.boil * s, k) for k in range(3)]
        return [image]

    def _rim_light(self, image: Image, left: float, top: float, cover: tuple[np.ndarray, float, float]) -> Image:
        """Light a part along the edge of the whole figure that faces the light, but not along edges to other parts."""
        ink, stage, s = self.brush.ink, self.brush.stage, self.brush.scale
        shape, cover_left, cover_top = cover
        dx, dy, _ = stage.light.direction
        reach = max(1.2, self.rim * s)
        shift = np.array([[1, 0, -(-dx if self.flip else dx) * reach], [0, 1, -dy * reach]], np.float32)
        edge = cv2.subtract(shape, cv2.warpAffine(shape, shift, shape.shape[::-1]))
        x, y = round((left - cover_left) * s), round((cover_top - top) * s)
        h, w = image.shape[:2]
        edge = edge[y : y + h, x : x + w]
        edge = cv2.copyMakeBorder(edge, 0, h - edge.shape[0], 0, w - edge.shape[1], cv2.BORDER_CONSTANT)
        strength = (0.4 if stage.time == "day" else 0.85) * ink.rim_strength
        colour = np.asarray(bgr(ink.rim or stage.light.rim), np.float32)
        share = edge.astype(np.float32)[..., None] * np.float32(strength / 255)
        out = image.astype(np.float32)
        out[..., :3] += (colour * out[..., 3:] / 255 - out[..., :3]) * share
        return (out + 0.5).astype(np.uint8)


def carry_pose(pose: Pose, whole: Pose, px: float, py: float) -> Pose:
    """Return ``pose`` of a part carried by ``whole``; the part's pivot is (px, py) pixels from that of the whole."""
    c, sn = math.cos(whole.turn) * whole.scale, math.sin(whole.turn) * whole.scale
    x, y = px + pose.dx, py + pose.dy
    return Pose(
        dx=whole.dx + c * x - sn * y - px, dy=whole.dy + sn * x + c * y - py, scale=pose.scale * whole.scale,
        turn=pose.turn + whole.turn, shear=pose.shear + whole.shear, alpha=pose.alpha * whole.alpha,
    )


def _space_phases(seconds: float, size: int) -> np.ndarray:
    """Return the angles of a loop's phases: twelve per second, fewer for an image of many bytes (``size``)."""
    count = max(8, round(seconds * PHASES_PER_SECOND))
    if count * size > LOOP_BYTES:
        count = max(16, min(count, LOOP_BYTES // size))
    return np.linspace(0, 2 * math.pi, count, endpoint=False)


def warp_wave(image: Image, sway: Sway, top: float, scale: float, angle: float) -> Image:
    """Return an image in one phase (``angle``) of its sway: rows near the root stay, rows near the tip move most.

    ``top``: height of the first row in units. ``scale``: pixels per unit.
    """
    h, w = image.shape[:2]
    height = top - (np.arange(h, dtype=np.float32) + 0.5) / scale
    share = np.clip((sway.root - height) / (sway.root - sway.tip), 0, 1.25)
    wave = np.sin(angle + 2 * math.pi * (sway.phase - share * sway.waves))
    shift = (share**1.4) * (sway.lean + sway.amount * wave) * scale
    rise = (share**2) * sway.lift * scale * (1 + 0.3 * np.sin(angle + 1.0))
    map_x = np.arange(w, dtype=np.float32)[None, :] - shift[:, None]
    map_y = np.repeat((np.arange(h, dtype=np.float32) + rise)[:, None], w, 1)
    return cv2.remap(image, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)


def tremble(image: Image, amount: float, k: int) -> Image:
    """Return variant ``k`` of a drawing, displaced smoothly and randomly by about ``amount`` pixels."""
    h, w = image.shape[:2]
    rng = np.random.default_rng([k, h, w])
    grid = (max(2, h // 24), max(2, w // 24))
    push = [
        cv2.resize(rng.normal(0, amount, grid).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC) for _ in "xy"
    ]
    map_x = np.arange(w, dtype=np.float32)[None, :] + push[0]
    map_y = np.arange(h, dtype=np.float32)[:, None] + push[1]
    return cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR)
