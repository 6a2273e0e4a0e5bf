"""Reduce the Chinese display and pencil fonts to the glyphs of our own headings and pencil lines.

Run after translating: ``python -m scripts.subset_fonts NODE_MODULES``, where NODE_MODULES holds the two npm
packages named in static/fonts/README.md, in an environment with fonttools and brotli. It also writes the font of the
storyboard's notes, in which people may type anything.
"""

import io
import sys
import tempfile
import zipfile
from pathlib import Path

from fontTools import merge, subset
from fontTools.ttLib import TTFont

from scripts.heading_words import DISPLAY, PENCIL, ROOT, list_characters

TABLES = ("GSUB", "GPOS", "GDEF", "vhea", "vmtx", "VORG")


def merge_fonts(pieces: list[Path], text: str, into: Path) -> TTFont:
    """Merge the pieces that contain any of the text."""
    kept = []
    for number, piece in enumerate(pieces):
        font = TTFont(piece)
        if not set(font.getBestCmap()) & set(map(ord, text)):
            continue
        font.flavor = None
        for table in TABLES:
            if table in font:
                del font[table]
        kept.append(str(into / f"{number}.ttf"))
        font.save(kept[-1])
    return merge.Merger().merge(kept)


def save_subset(font: TTFont, text: str, target: Path) -> None:
    options = subset.Options(flavor="woff2", hinting=False, desubroutinize=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)
    missing = sorted(set(text) - set(map(chr, font.getBestCmap())) - set(map(chr, range(0x2E80))))
    sys.stdout.write(
        f"{target.name}: {len(text)} glyphs, {target.stat().st_size} bytes, missing {''.join(missing) or 'none'}\n"
    )


def list_note_characters() -> str:
    """Return the letters of Latin, Greek and Cyrillic, GB 2312 and the first level of JIS X 0208."""
    ranges = ((0x20, 0x7F), (0xA0, 0x250), (0x370, 0x460), (0x2010, 0x2027), (0x2190, 0x2194), (0x3000, 0x3100))
    letters = {chr(code) for first, end in ranges for code in range(first, end)}
    for encoding, rows in (("gb2312", range(0xA1, 0xF8)), ("euc_jp", range(0xA1, 0xD0))):
        pairs = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
        letters |= {letter for pair in pairs for letter in pair.decode(encoding, "ignore")}
    return "".join(sorted(letters))


def save_note_font(font: TTFont, target: Path) -> None:
    """Write the font of the notes as a zip, which opens faster than WOFF2."""
    options = subset.Options(hinting=False, desubroutinize=True, layout_features=[], glyph_names=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=list_note_characters())
    subsetter.subset(font)
    font.flavor = None
    plain = io.BytesIO()
    font.save(plain)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(zipfile.ZipInfo("wenkai.ttf"), plain.getvalue(), zipfile.ZIP_DEFLATED)
    sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")


def main(node_modules: Path) -> None:
    fonts = ROOT / "static/fonts"
    smiley = sorted(node_modules.glob("@chinese-fonts/dyh/dist/SmileySans-Oblique/*.woff2"))
    display, pencil = list_characters(DISPLAY), list_characters(PENCIL)
    with tempfile.TemporaryDirectory() as folder:
        save_subset(merge_fonts(smiley, display, Path(folder)), display, fonts / "smiley-zh-ui.woff2")
    wenkai = node_modules / "@fontsource/lxgw-wenkai/files/lxgw-wenkai-latin-500-normal.woff2"
    save_subset(TTFont(wenkai), pencil, fonts / "wenkai-zh-ui.woff2")
    save_note_font(TTFont(wenkai), ROOT / "generation/animatic/storyboard/wenkai.zip")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
