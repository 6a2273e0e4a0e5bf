"""Render text to an image in a font that has its characters."""

import re
import unicodedata
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..canvas import blend_over, colour, premultiply

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts",
                "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts")  # fmt: skip
EAST_ASIAN_FONTS = ("NotoSansCJK*", "NotoSerifCJK*", "SourceHanSans*", "NotoSansSC*", "NotoSansJP*", "wqy-*",
                    "PingFang*", "Hiragino*W6*", "msyhbd*", "msyh*", "YuGothB*", "meiryo*")  # fmt: skip
WIDE_FONTS = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "Arial Unicode.ttf", "arialbd.ttf", "DejaVuSans.ttf")
_CJK = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
MAX_LINES = 3


class FontMissing(Exception):
    """No font on this machine can render the text of a card."""


def render_text(text: str, size: int, width: int, fill: str) -> np.ndarray:
    """Render text as a premultiplied image with a soft shadow, at most ``width`` pixels wide, in one to three lines.

    ``size`` is the font size in pixels, reduced if the text would need more lines. Emoji that the font lacks are
    dropped. Raises FontMissing if no font has the letters.
    """
    path, index, text = _choose_font(text)
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


def can_write(text: str) -> bool:
    """Return whether a font on this machine has the letters of a text."""
    try:
        _choose_font(text)
    except FontMissing:
        return False
    return True


def _choose_font(text: str) -> tuple[str | None, int, str]:
    """Return a font file, the index of the face in it, and the text without characters that the font lacks.

    Raises FontMissing if no font has all letters and digits of the text.
    """
    for path, index in dict.fromkeys((_find_font(text), (find_wide_font(), 0))):
        kept = _drop_missing_glyphs(text, path, index)
        lost = [sign for sign in text if sign not in kept and unicodedata.category(sign)[0] in "LN"]
        if not lost:
            return path, index, kept
    raise FontMissing(
        f"No font on this machine can write “{text[:40]}” on a card. Install one that has these letters "
        "(Debian: fonts-noto), or write the card in other words."
    )


def _fit_lines(
    text: str, size: int, width: int, path: str | None, index: int
) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """Return the lines of a text and the largest font in which they fit; at size 9, further lines are dropped."""
    while True:
        font = _load_font(path, index, size)
        lines = _wrap_text(text, font, width - round(size * 0.6))
        if len(lines) <= MAX_LINES or size <= 9:
            return lines[:MAX_LINES], font
        size = max(9, round(size * 0.86))


def _wrap_text(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Wrap a text between words, between Chinese and Japanese characters, and inside words wider than the line."""
    lines = [""]
    for piece in re.findall(rf"\n|{_CJK.pattern}|(?:(?!{_CJK.pattern})\S)+[^\S\n]*|[^\S\n]+", text):
        if piece == "\n":
            lines.append("")
            continue
        for part in [piece] if font.getlength(piece.rstrip()) <= width else piece:
            if font.getlength((lines[-1] + part).rstrip()) <= width or not lines[-1]:
                lines[-1] += part
            else:
                lines.append(part)
    return [line.strip() for line in lines if line.strip()] or [""]


def _find_font(text: str) -> tuple[str | None, int]:
    """Return a font file for a text and the index of the face in it. None is the font that comes with Pillow.

    Raises FontMissing if the text is Chinese or Japanese and no font for it is installed.
    """
    path = find_east_asian_font()
    if _CJK.search(text):
        if path is None:
            raise FontMissing(
                "This card has Chinese or Japanese words, and no font on this machine can write them. "
                "Install Noto Sans CJK (Debian: fonts-noto-cjk), or write the card in Latin letters."
            )
        return path, 0 if _KANA.search(text) else _get_face_index(path)
    if text.isascii():
        return path, 0
    return (path or find_wide_font()), 0


def _get_face_index(path: str) -> int:
    """Return the index of the face for simplified Chinese.

    The faces of Noto's collections are Japanese, Korean, simplified and traditional Chinese, in this order.
    """
    return 2 if path.endswith(".ttc") and "Noto" in path else 0


@cache
def find_east_asian_font() -> str | None:
    """Return the first installed font with Chinese and Japanese characters, preferably a bold one."""
    found = [path for pattern in EAST_ASIAN_FONTS for path in _find_font_files(pattern)]
    bold = [path for path in found if "Bold" in path.name or "W6" in path.name or "bd" in path.name]
    return next((str(path) for path in (*bold, *found) if path.suffix.lower() in (".ttc", ".otf", ".ttf")), None)


@cache
def find_wide_font() -> str | None:
    return next((str(path) for name in WIDE_FONTS for path in _find_font_files(name)), None)


@cache
def _find_font_files(pattern: str) -> tuple[Path, ...]:
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return tuple(sorted(path for folder in folders if folder.is_dir() for path in folder.rglob(pattern)))


def _load_font(path: str | None, index: int, size: int) -> ImageFont.FreeTypeFont:
    if path:
        return ImageFont.truetype(path, size, index=index)
    font = ImageFont.load_default(size)
    if isinstance(font, ImageFont.FreeTypeFont):
        return font
    raise FontMissing("This card needs letters, and Pillow was built without FreeType: no font can write it here.")


def _drop_missing_glyphs(text: str, path: str | None, index: int) -> str:
    """Return the text without unprintable characters and those that the font would render as a box, mostly emoji."""
    font = _load_font(path, index, 24)
    box = bytes(font.getmask("\U000f0000"))
    signs = [sign for sign in text if sign.isprintable() or sign == "\n"]
    return "".join(sign for sign in signs if sign.isspace() or bytes(font.getmask(sign)) != box).strip()
