"""Title, end and caption cards."""

import cv2
import numpy as np

from ..canvas import composite, smooth, to_bgra
from ..layers import Stage
from ..scene import Card
from .paint import Paint
from .text import render_text

FADE = 0.5  # seconds


def create_card(stage: Stage, card: Card) -> Paint:
    """Create a card: a title early on, an end card over the dimmed last seconds, a caption throughout."""
    return {"title": _create_title, "end": _create_end, "caption": _create_caption}[card.kind](stage, card.text)


def _create_title(stage: Stage, text: str) -> Paint:
    text_image = render_text(text, round(stage.unit * 11), round(stage.width * 0.82), "#ffffff")
    line = np.zeros((max(2, round(stage.unit * 0.35)), round(stage.unit * 22), 4), np.uint8)
    line[...] = to_bgra(stage.light.rim)
    x = (stage.width - text_image.shape[1]) // 2
    y = round(stage.height * 0.44 - text_image.shape[0] / 2)
    start, end = min(0.35, stage.seconds * 0.1), min(3.4, stage.seconds * 0.72)

    def paint(frame: np.ndarray, t: float) -> None:
        alpha = _fade_alpha(t, start, end)
        if alpha > 0:
            drift = round(stage.unit * 1.2 * (1 - float(smooth(0, 1, (t - start) / 0.9))))
            composite(frame, text_image, x, y + drift, alpha)
            length = max(1, round(line.shape[1] * float(smooth(0, 1, (t - start) / 1.1))))
            composite(
                frame, line[:, :length], (stage.width - length) // 2, y + text_image.shape[0] + round(stage.unit), alpha
            )

    return paint


def _create_end(stage: Stage, text: str) -> Paint:
    text_image = render_text(text, round(stage.unit * 7.5), round(stage.width * 0.8), "#ffffff")
    x, y = (stage.width - text_image.shape[1]) // 2, (stage.height - text_image.shape[0]) // 2
    seconds = min(2.2, stage.seconds * 0.5)
    start = stage.seconds - seconds

    def paint(frame: np.ndarray, t: float) -> None:
        dimming = float(smooth(0, 1, (t - start) / (seconds * 0.4)))
        if dimming > 0:
            cv2.multiply(frame, (1 - 0.7 * dimming,) * 3 + (1.0,), dst=frame)
            composite(frame, text_image, x, y, float(smooth(0.5, 1, (t - start) / (seconds * 0.6))))

    return paint


def _create_caption(stage: Stage, text: str) -> Paint:
    text_image = render_text(text, round(stage.unit * 4.6), round(stage.width * 0.86), "#ffffff")
    x, y = (stage.width - text_image.shape[1]) // 2, round(stage.height * 0.93 - text_image.shape[0])
    end = stage.seconds - 0.15

    def paint(frame: np.ndarray, t: float) -> None:
        alpha = _fade_alpha(t, 0.15, end)
        if alpha > 0:
            composite(frame, text_image, x, y, alpha)

    return paint


def _fade_alpha(t: float, start: float, end: float) -> float:
    fade = min(FADE, (end - start) / 3)
    return float(min(smooth(0, 1, (t - start) / fade), smooth(0, 1, (end - t) / fade)))
