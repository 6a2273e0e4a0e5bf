"""Render text to an image in a font that has its characters."""

import re

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..canvas import blend_over, colour, premultiply
from ..fonts import CJK, choose_font, load_font

MAX_LINES = 3


def render_text(text: str, size: int, width: int, fill: str) -> np.ndarray:
    """Render text as a premultiplied image with a soft shadow, at most ``width`` pixels wide, in one to three lines.

    ``size`` is the font size in pixels, reduced if the text would need more lines. Emoji that the font lacks are
    dropped. Raises FontMissing if no font has the letters.
    """
    path, index, text = choose_font(text)
    lines, font = _fit_lines(text, size, width, path, index)
    widths = [font.getlength(line) for line in lines]
    step = round(font.size * 1.32)
    pad = max(3, round(font.size * 0.3))
    wide, high = round(max(widths, default=1)) + 2 * pad, step * len(lines) + 2 * pad
    mask = Image.new("L", (wide, high))
    draw = ImageDraw.Draw(mask)
    for row, (line, length) in enumerate(zip(lines, widths, strict=True)):
        draw.text(((wide - length) / 2, pad + row * step), line, fill=255, font=font)
    letters = np.asarray(mask, np.float32) / 255
    shadow = cv2.GaussianBlur(letters, (0, 0), max(1.0, font.size * 0.08))
    close = cv2.dilate(letters, np.ones((3, 3), np.uint8))
    image = premultiply(colour("#0b0d18"), np.clip(np.maximum(shadow * 1.1, close * 0.55), 0, 0.82))
    blend_over(image, premultiply(colour(fill), letters))
    return image


def _fit_lines(
    text: str, size: int, width: int, path: str | None, index: int
) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """Return the lines of a text and the largest font in which they fit; at size 9, further lines are dropped."""
    while True:
        font = load_font(path, index, size)
        lines = _wrap_text(text, font, width - round(size * 0.6))
        if len(lines) <= MAX_LINES or size <= 9:
            return lines[:MAX_LINES], font
        size = max(9, round(size * 0.86))


def _wrap_text(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Wrap a text between words, between Chinese and Japanese characters, and inside words wider than the line."""
    lines = [""]
    for piece in re.findall(rf"\n|{CJK.pattern}|(?:(?!{CJK.pattern})\S)+[^\S\n]*|[^\S\n]+", text):
        if piece == "\n":
            lines.append("")
            continue
        for part in [piece] if font.getlength(piece.rstrip()) <= width else piece:
            if font.getlength((lines[-1] + part).rstrip()) <= width or not lines[-1]:
                lines[-1] += part
            else:
                lines.append(part)
    return [line.strip() for line in lines if line.strip()] or [""]
