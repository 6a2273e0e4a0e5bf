"""Find a font of this machine that has the characters of a text.

Reading a prompt asks this too, so nothing here draws: the web server needs no numpy or OpenCV for it.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from PIL import ImageFont

FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
EAST_ASIAN_FONTS = (
    "NotoSansCJK*",
    "NotoSerifCJK*",
    "SourceHanSans*",
    "NotoSansSC*",
    "NotoSansJP*",
    "wqy-*",
    "PingFang*",
    "Hiragino*W6*",
    "msyhbd*",
    "msyh*",
    "YuGothB*",
    "meiryo*",
)
WIDE_FONTS = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "Arial Unicode.ttf", "arialbd.ttf", "DejaVuSans.ttf")
CJK = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u30ff]")


class FontMissing(Exception):
    """No font on this machine can render the text of a card."""


def can_write(text: str) -> bool:
    """Return whether a font on this machine has the letters of a text."""
    try:
        choose_font(text)
    except FontMissing:
        return False
    return True


def choose_font(text: str) -> tuple[str | None, int, str]:
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


def _find_font(text: str) -> tuple[str | None, int]:
    """Return a font file for a text and the index of the face in it. None is the font that comes with Pillow.

    Raises FontMissing if the text is Chinese or Japanese and no font for it is installed.
    """
    path = find_east_asian_font()
    if CJK.search(text):
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


def load_font(path: str | None, index: int, size: int) -> ImageFont.FreeTypeFont:
    if path:
        return ImageFont.truetype(path, size, index=index)
    font = ImageFont.load_default(size)
    if isinstance(font, ImageFont.FreeTypeFont):
        return font
    raise FontMissing("This card needs letters, and Pillow was built without FreeType: no font can write it here.")


def _drop_missing_glyphs(text: str, path: str | None, index: int) -> str:
    """Return the text without unprintable characters and those that the font would render as a box, mostly emoji."""
    font = load_font(path, index, 24)
    box = bytes(font.getmask("\U000f0000"))
    signs = [sign for sign in text if sign.isprintable() or sign == "\n"]
    return "".join(sign for sign in signs if sign.isspace() or bytes(font.getmask(sign)) != box).strip()
