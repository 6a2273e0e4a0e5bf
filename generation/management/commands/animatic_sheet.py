"""Draws places, weathers, styles and subjects side by side into one picture that a person can judge."""

from pathlib import Path

import cv2
import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from generation.providers.animatic.render import DrawingFailed, still
from generation.providers.animatic.scene import PLACES, STYLES, SUBJECTS, TIMES, WEATHERS, Scene, Shot, Subject

GIRL = Subject("girl", name="Mio")
TITLE = 18  # pixels over every picture


def sheets() -> dict[str, list[tuple[str, Scene]]]:
    """What each part of the sheet shows: captions and scenes."""
    light = [(f"{place} {time}", Scene(place, time, subjects=(GIRL,))) for place in PLACES for time in TIMES]
    weather = [
        (f"{place} {weather}", Scene(place, "day" if place != "street" else "night", weather, (GIRL,)))
        for place in ("hill", "sea", "street", "shrine", "room")
        for weather in WEATHERS
    ]
    styles = [
        (f"{style} {view}", Scene("rooftop", "sunset", subjects=(Subject("girl", name="Mio", view=view),), style=style))
        for style in STYLES
        for view in ("back", "front")
    ]
    subjects = [
        (f"{kind} {view}", Scene("platform", "day", subjects=(Subject(kind, view=view, name=kind),)))
        for kind in SUBJECTS
        for view in (("back", "side", "front") if kind in SUBJECTS[:6] else ("side",))
    ]
    return {"light": light, "weather": weather, "styles": styles, "subjects": subjects}


def captioned(picture: np.ndarray, words: str) -> np.ndarray:
    """The picture under a line of words."""
    bar = np.full((TITLE, picture.shape[1], 3), 24, np.uint8)
    cv2.putText(bar, words, (5, TITLE - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (230, 230, 230), 1, cv2.LINE_AA)
    return np.vstack([bar, picture])


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("out", type=Path, help="the picture to write (.jpg, .png or .webp)")
        parser.add_argument("--part", action="append", choices=list(sheets()), help="only these parts")
        parser.add_argument("--columns", type=int, default=6)
        parser.add_argument("--width", type=int, default=320, help="pixels of every picture")
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *, out: Path, part: list[str] | None, columns: int, width: int, seed: int, **_options):
        parts = sheets()
        cells = [cell for name in part or parts for cell in parts[name]]
        size = (width // 2 * 2, width * 9 // 16 // 2 * 2)
        pictures = []
        for number, (words, scene) in enumerate(cells, 1):
            try:
                pictures.append(captioned(still(Shot(scene, seed, *size, 4), 0.6), words))
            except DrawingFailed as problem:
                raise CommandError(f"{words}: {problem}") from problem
            self.stdout.write(f"{number}/{len(cells)} {words}")
        pictures += [np.zeros_like(pictures[0])] * (-len(pictures) % columns)
        rows = [np.hstack(pictures[start : start + columns]) for start in range(0, len(pictures), columns)]
        if not cv2.imwrite(str(out), np.vstack(rows)):
            raise CommandError(_("The picture could not be written to %s.") % out)
        self.stdout.write(self.style.SUCCESS(_("%(count)d pictures in %(out)s") % {"count": len(cells), "out": out}))
