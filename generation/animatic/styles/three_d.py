"""3D: no lines, rounded forms in soft light, dark contact edges, a gloss on top."""

from dataclasses import replace

import cv2
import numpy as np

from ..layers import Image, Layer, Stage
from .picture import build_table
from .style import Ink, Style

SOFT = build_table(lambda x: x + 0.10 * np.sin(x * np.pi) * (x - 0.35))
LIGHT = np.array([0.42, -0.62, 0.66], np.float32)


def _round_form(image: Image, unit: float, rng: np.random.Generator) -> Image:
    """Inflate a part to a rounded form and light it: with a gradient, darker edges and a soft gloss."""
    alpha = image[..., 3]
    solid = (alpha > 127).astype(np.uint8)
    far = cv2.distanceTransform(cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)[1:-1, 1:-1]
    round_over = max(3.0, unit * 5.5)
    height = np.sqrt(np.clip(1 - (1 - np.clip(far / round_over, 0, 1)) ** 2, 0, 1)) * round_over
    height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), max(1.0, unit * 0.7))
    gx, gy = cv2.Sobel(height, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(height, cv2.CV_32F, 0, 1) / 8
    length = np.sqrt(gx * gx + gy * gy + 1)
    lambert = (-gx * LIGHT[0] - gy * LIGHT[1] + LIGHT[2]) / length
    gloss = np.clip((lambert - 0.9) / 0.1, 0, 1) ** 2 * np.clip(far / (unit * 1.5), 0, 1)
    rim = np.clip(1 - far / (unit * 2.2), 0, 1)
    shade = np.clip(0.74 + 0.40 * lambert, 0.45, 1.16) * (1 - 0.20 * rim)
    out = image.astype(np.float32)
    out[..., :3] = out[..., :3] * shade[..., None] + (gloss * 0.14)[..., None] * out[..., 3:]
    out[..., :3] = np.clip(out[..., :3], 0, out[..., 3:])
    return (out + 0.5).astype(np.uint8)


class ThreeD(Style):
    """3D style: modelled forms instead of drawn ones."""

    def adapt_layer(self, layer: Layer, stage: Stage) -> Layer:
        if layer.blend != "over" or min(layer.image.shape[:2]) < stage.unit * 5:
            return layer
        image = layer.image
        smooth = cv2.GaussianBlur(image, (0, 0), max(0.8, stage.unit * 0.16))
        out = cv2.addWeighted(image, 0.35, smooth, 0.65, 0)
        out[..., 3] = image[..., 3]
        out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
        return replace(layer, image=_darken_edges(out, stage.unit))

    def adapt_picture(self, image: Image, stage: Stage) -> Image:
        """Shade the picture like clay lit from the upper right: bright shapes stand out, dark ones lie deeper."""
        smooth = image[..., :3]
        for _ in range(2):
            smooth = cv2.bilateralFilter(smooth, 9, 30, 6)
        height = cv2.GaussianBlur(cv2.cvtColor(smooth, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), stage.unit * 0.6)
        height *= stage.unit / 32
        gx, gy = cv2.Sobel(height, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(height, cv2.CV_32F, 0, 1) / 8
        facing = -(gx * LIGHT[0] + gy * LIGHT[1]) / np.sqrt(gx * gx + gy * gy + 1)
        out = image.copy()
        out[..., :3] = np.clip(smooth * (1 + np.clip(facing, -0.24, 0.24))[..., None] + 0.5, 0, 255)
        return out

    def finish_frame(self, frame: Image, t: float) -> Image:
        return cv2.LUT(frame, SOFT, dst=frame)


def _darken_edges(image: Image, unit: float) -> Image:
    """Darken a shape towards its edge, most at the top and least at the bottom."""
    alpha = image[..., 3].astype(np.float32) / 255
    inner = cv2.GaussianBlur(alpha, (0, 0), unit * 2.2, borderType=cv2.BORDER_REPLICATE)
    edge = np.clip(alpha - inner, 0, 0.5) * 0.55
    light = np.clip(inner - np.roll(inner, -round(unit * 2), axis=0), -0.3, 0.3) * 0.5
    out = image.astype(np.float32)
    out[..., :3] = np.clip(out[..., :3] * (1 - edge + light)[..., None], 0, out[..., 3:])
    return out.astype(np.uint8)


STYLE = ThreeD("three_d", Ink(width=0.7, line_share=0.3, shade=0.75, soft=1.1, rim_strength=1.0, texture=_round_form))
