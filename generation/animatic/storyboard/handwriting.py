"""Notes in pencil: letters that lean, rise and weigh differently, in the scripts that installed fonts have."""

import io
import re
import unicodedata
import zipfile
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..fonts import choose_font, load_font
from .catalogue import HERE
from .lines import Array

ARROWS = "→←↑↓"
WORD = re.compile(r"[A-Za-z0-9'’.,!?:;→←↑↓+\-]+\s*|.")
PAUSE = re.compile(r"[，、。；：！？,.;:]\s*|\s")
TRAILING = "。，、！？.,!?」”"
SMALLER = (1.0, 0.86, 0.74, 0.64)  # parts of the size of letters in which a long text is tried
MARGIN = 4  # pixels before a line, at twice the size


def write(text: str, size: int, width: int, seed: int = 0, lines: int = 2) -> Array:
    """Return handwriting as coverage: at most ``lines`` lines of ``width`` pixels, letters ``size`` pixels high.

    Raises FontMissing if no font of this machine has the letters.
    """
    text = "".join(c for c in text if unicodedata.category(c)[0] not in "SC" or c in ARROWS + "+").strip()
    if not text:
        return np.zeros((size * 2, size), np.float32)
    for smaller in SMALLER:
        letters, most = max(8, round(size * smaller)), int(lines / smaller + 0.2)
        font = find_pencil_font(text, letters * 2)
        rows = break_lines(text, font, width * 2.0, most)
        if len(rows) <= most:
            break
    else:
        rows = [*rows[: most - 1], rows[most - 1].rstrip()[:-1].rstrip(" ,，、") + "…"]
    return _set_lines(rows, font, letters, width, np.random.default_rng(seed))


def break_lines(text: str, font: ImageFont.FreeTypeFont, room: float, lines: int) -> list[str]:
    """Return the lines of a text: two of them part at a pause near the middle, others where the room ends."""
    full = font.getlength(text)
    cuts = [found.end() for found in PAUSE.finditer(text) if found.end() < len(text)]
    ends = {cut: font.getlength(text[:cut].rstrip()) for cut in cuts} if room < full <= 2 * room else {}
    fitting = [cut for cut, end in ends.items() if end <= room and full - end <= room]
    if fitting and lines == 2:
        best = min(fitting, key=lambda cut: abs(ends[cut] - full * 0.55) - 0.12 * full * (text[cut - 1] not in " "))
        return [text[:best].rstrip(), text[best:]]
    rows, used = [""], 0.0
    for word in WORD.findall(text):
        long = font.getlength(word.rstrip())
        if used + long > room and rows[-1] and word not in TRAILING:
            rows, used = [*rows, ""], 0.0
            if len(rows) > lines:
                return rows
        rows[-1] += word if rows[-1] else word.lstrip()
        used += font.getlength(word)
    return rows


def _set_lines(rows: list[str], font: ImageFont.FreeTypeFont, size: int, width: int, rng: np.random.Generator) -> Array:
    page = Image.new("L", (width * 2 + size * 2, int(size * 2.75 * len(rows)) + size), 0)
    for number, row in enumerate(rows):
        x = float(MARGIN)
        for letter in row:
            cell = Image.new("L", (size * 4, size * 4), 0)
            ImageDraw.Draw(cell).text((size, size * 0.6), letter, font=font, fill=int(rng.uniform(200, 255)))
            cell = cell.rotate(rng.normal(0, 1.6), Image.Resampling.BILINEAR)
            at = (int(x - size), int(number * size * 2.75 + rng.normal(0, size * 0.035)))
            page.paste(255, at, cell)
            x += font.getlength(letter) + rng.normal(0, size * 0.02)
    small = page.resize((page.width // 2, page.height // 2), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


def find_pencil_font(text: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the handwriting font if it has the letters, else the font of the cards.

    Raises FontMissing if no font has the letters.
    """
    if _has_letters(text):
        return load_pencil_font(size)
    path, face, _ = choose_font(text)
    return load_font(path, face, size)


@cache
def load_pencil_font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(_read_pencil_file()), size)


@cache
def _read_pencil_file() -> bytes:
    with zipfile.ZipFile(HERE / "wenkai.zip") as archive:
        return archive.read("wenkai.ttf")


def _has_letters(text: str) -> bool:
    font = load_pencil_font(24)
    return all(letter.isspace() or bytes(font.getmask(letter)) != _draw_missing_letter() for letter in text)


@cache
def _draw_missing_letter() -> bytes:
    return bytes(load_pencil_font(24).getmask("\U000f0000"))
