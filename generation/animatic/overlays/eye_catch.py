"""Eye-catch, the card of a commercial break: a slanted panel in the shot's colours sweeps in, stays and sweeps out."""

import cv2
import numpy as np

from ..canvas import SHIFT, Sheet, composite, mix, saturate, shade, smooth, to_fixed_point
from ..layers import Stage
from ..scene import Scene
from .paint import Paint
from .text import render_text

SECONDS = 1.8
SWEEP_SECONDS = 0.32  # of sweeping in, and again of sweeping out


def create_eye_catch(stage: Stage, scene: Scene) -> Paint:
    """Create an eye-catch in the middle of the clip, with the text of the scene's title card.

    It lasts ``SECONDS``, at most 45 % of the clip.
    """
    seconds = min(SECONDS, stage.seconds * 0.45)
    start = (stage.seconds - seconds) / 2
    title = next((card.text for card in scene.cards if card.kind == "title"), "")
    panel = _draw_panel(stage, title)
    slant = round(stage.height * 0.32)

    def paint(frame: np.ndarray, t: float) -> None:
        elapsed, remaining = t - start, start + seconds - t
        if elapsed < 0 or remaining < 0:
            return
        sweep = min(SWEEP_SECONDS, seconds / 3)
        opened = float(smooth(0, 1, elapsed / sweep)) if elapsed < sweep else 1.0
        closed = float(smooth(0, 1, 1 - remaining / sweep)) if remaining < sweep else 0.0
        travel = stage.width + slant
        composite(frame, panel, round(-slant - travel * (1 - opened) + travel * closed), 0)

    return paint


def _draw_panel(stage: Stage, title: str) -> np.ndarray:
    """Draw a slanted panel, wider than the frame, with stripes, a rim, stars and the title."""
    slant, height = round(stage.height * 0.32), stage.height
    width = stage.width + 2 * slant
    wide = Stage(width, height, 1, stage.light, stage.style, stage.time, stage.weather, stage.seed, margin=0)
    sheet = Sheet(wide)
    light = stage.light
    base = saturate(mix(light.sky[min(2, len(light.sky) - 1)], light.rim, 0.25), 1.3)
    edge = [(slant, 0), (width, 0), (width - slant, height), (0, height)]
    sheet.polygon(edge, base, to=shade(base, 0.72))
    for k in range(7):
        x = slant + (k + 0.3) * stage.width / 6.5
        band = stage.width * (0.03 if k % 2 else 0.07)
        sheet.polygon([(x, 0), (x + band, 0), (x + band - slant, height), (x - slant, height)], shade(base, 1.18), 0.55)
    _draw_stars(stage, sheet.image, slant)
    for x, thick in ((slant, 1.6), (width - stage.unit * 1.6, 1.6)):
        rim = stage.unit * thick
        sheet.polygon([(x, 0), (x + rim, 0), (x + rim - slant, height), (x - slant, height)], "#ffffff")
    if title:
        text = render_text(title, round(stage.unit * 9), round(stage.width * 0.7), "#ffffff")
        sheet.stamp(text, (width - text.shape[1]) / 2, (height - text.shape[0]) / 2)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [to_fixed_point(edge)], 255, cv2.LINE_AA, SHIFT)
    return cv2.multiply(sheet.image, cv2.merge([mask] * 4), scale=1 / 255)


def _draw_stars(stage: Stage, image: np.ndarray, slant: int) -> None:
    """Draw stars of many sizes onto a panel that is ``slant`` pixels wider than the frame on each side."""
    rng = stage.rng("eye catch")
    for _ in range(26):
        size = stage.unit * rng.uniform(0.8, 3.4)
        x, y = rng.uniform(slant, stage.width + slant), rng.uniform(0, stage.height)
        _draw_star(image, x, y, size, float(rng.uniform(0, 1)))


def _draw_star(image: np.ndarray, x: float, y: float, size: float, turn: float) -> None:
    angle = np.arange(10) * np.pi / 5 + turn
    reach = np.where(np.arange(10) % 2, 0.42, 1.0) * size
    points = np.stack([x + np.cos(angle) * reach, y + np.sin(angle) * reach], 1)
    cv2.fillPoly(image, [to_fixed_point(points)], (255, 255, 255, 255), cv2.LINE_AA, SHIFT)
