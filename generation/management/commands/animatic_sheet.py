"""Draw places, weathers, seeds, ratios, styles, subjects and actions side by side in one image, to compare them."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from generation.animatic.render import DrawingFailed, render_still
from generation.animatic.scene import COLOUR_STYLES, PEOPLE, PLACES, SUBJECTS, TIMES, WEATHERS, Scene, Shot, Subject
from generation.animatic.understanding import understand

GIRL = Subject("girl", name="Mio")
CAPTION_HEIGHT = 18  # pixels above every image
SEEDS = 4
RATIOS = {"16:9": (16, 9), "21:9": (21, 9), "4:3": (4, 3), "1:1": (1, 1), "3:4": (3, 4), "9:16": (9, 16)}

MOMENTS = (0.5, 0.9, 1.4)  # seconds
ACTIONS = (
    "a girl runs", "a boy eats noodles", "a girl waves to a cat", "a woman dances", "a boy plays the guitar",
    "two children play with a ball", "two boys fight", "two samurai fight", "a girl and a boy hold hands",
    "a smiling couple holds hands", "a girl rides a horse", "a boy rides a dragon", "a cat eats", "a dog plays",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One image of the sheet."""

    caption: str
    scene: Scene
    turn: int = 0  # added to the seed
    ratio: tuple[int, int] = (16, 9)
    at: float = 0.6  # seconds
    of_picture: bool = False  # paint the sample image in this style instead of drawing the scene


def build_parts() -> dict[str, list[Cell]]:
    """Return the cells of each part of the sheet."""
    light = [Cell(f"{place} {time}", Scene(place, time, subjects=(GIRL,))) for place in PLACES for time in TIMES]
    weather = [
        Cell(f"{place} {weather}", Scene(place, "day" if place != "street" else "night", weather, (GIRL,)))
        for place in PLACES
        for weather in WEATHERS[1:]
    ]
    seeds = [
        Cell(f"{place} seed +{turn}", Scene(place, "day"), turn) for place in PLACES for turn in range(1, SEEDS + 1)
    ]
    ratios = [
        Cell(f"{place} {name}", Scene(place, "sunset", subjects=(GIRL,)), ratio=ratio)
        for name, ratio in RATIOS.items()
        for place in ("hill", "street")
    ]
    return {
        "light": light,
        "weather": weather,
        "seeds": seeds,
        "ratios": ratios,
        "styles": _build_style_cells(),
        "subjects": _build_subject_cells(),
        "actions": _build_action_cells(),
    }


def _build_style_cells() -> list[Cell]:
    """Return cells of every style: several places, a face, and an image painted in this style."""
    face = replace(GIRL, view="front", expression="smile")
    shots = (
        ("rooftop", "sunset", GIRL),
        ("rooftop", "sunset", face),
        ("shrine", "day", GIRL),
        ("street", "night", face),
    )
    return [
        *(
            Cell(f"{style} {place} {subject.view}", Scene(place, time, subjects=(subject,), style=style))
            for style in COLOUR_STYLES
            for place, time, subject in shots
        ),
        *(
            Cell(f"{style} over a picture", Scene(camera="still", style=style), of_picture=True)
            for style in COLOUR_STYLES
        ),
    ]


def _build_subject_cells() -> list[Cell]:
    """Return cells of every subject by day and by night; people and animals from every side."""
    return [
        Cell(f"{kind} {view} {time}", Scene(place, time, subjects=(Subject(kind, view=view, name=kind),)))
        for kind in SUBJECTS
        for place, time in (("platform", "day"), ("sea", "night"))
        for view in (("back", "side", "front") if kind in (*PEOPLE, "cat", "dog") else ("side",))
    ]


def _build_action_cells() -> list[Cell]:
    """Return cells of every action in three places and styles, at three moments of its movement."""
    shots = (("hill", "day", "cel"), ("street", "sunset", "watercolour"), ("stage", "night", "shonen"))
    return [
        Cell(
            f"{prompt} {style} {at:g} s", replace(understand(prompt).scene, place=place, time=time, style=style), at=at
        )
        for prompt in ACTIONS
        for place, time, style in shots
        for at in MOMENTS
    ]


def add_caption(picture: np.ndarray, caption: str) -> np.ndarray:
    """Return the image with a caption above it."""
    bar = np.full((CAPTION_HEIGHT, picture.shape[1], 3), 24, np.uint8)
    cv2.putText(bar, caption, (5, CAPTION_HEIGHT - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (230, 230, 230), 1, cv2.LINE_AA)
    return np.vstack([bar, picture])


def _draw_cell(cell: Cell, seed: int, size: tuple[int, int], sample: Path | None) -> np.ndarray:
    """Return the image of a cell, scaled to fit into ``size`` and centred."""
    scale = min(size[0] / cell.ratio[0], size[1] / cell.ratio[1])
    width, height = (max(16, round(side * scale) // 2 * 2) for side in cell.ratio)
    picture = sample if cell.of_picture else None
    frame = render_still(Shot(cell.scene, seed + cell.turn, width, height, 4, picture=picture, paint=False), cell.at)
    out = np.full((size[1], size[0], 3), 24, np.uint8)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    out[top : top + height, left : left + width] = frame
    return out


def _draw_sample(path: Path, seed: int) -> Path:
    """Draw a sample image with a person and return its path, so that no image has to be stored in the repository."""
    face = replace(GIRL, view="front", expression="smile")
    cv2.imwrite(str(path), render_still(Shot(Scene("sea", "day", subjects=(face,)), seed, 960, 540, 4), 0.6))
    return path


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("out", type=Path, help="the image to write (.jpg, .png or .webp)")
        parser.add_argument("--part", action="append", choices=list(build_parts()), help="only these parts")
        parser.add_argument("--columns", type=int, default=6)
        parser.add_argument("--width", type=int, default=320, help="width of every image in pixels")
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *, out: Path, part: list[str] | None, columns: int, width: int, seed: int, **_options):
        parts = build_parts()
        cells = [cell for name in part or parts for cell in parts[name]]
        size = (width // 2 * 2, width * 9 // 16 // 2 * 2)
        pictures = []
        with TemporaryDirectory() as folder:
            sample = (
                _draw_sample(Path(folder) / "picture.png", seed) if any(cell.of_picture for cell in cells) else None
            )
            for number, cell in enumerate(cells, 1):
                try:
                    pictures.append(add_caption(_draw_cell(cell, seed, size, sample), cell.caption))
                except DrawingFailed as problem:
                    raise CommandError(f"{cell.caption}: {problem}") from problem
                self.stdout.write(f"{number}/{len(cells)} {cell.caption}")
        pictures += [np.zeros_like(pictures[0])] * (-len(pictures) % columns)
        rows = [np.hstack(pictures[start : start + columns]) for start in range(0, len(pictures), columns)]
        if not cv2.imwrite(str(out), np.vstack(rows), [cv2.IMWRITE_WEBP_QUALITY, 72]):
            raise CommandError(_("Couldn’t write the image to %s.") % out)
        self.stdout.write(self.style.SUCCESS(_("%(count)d images in %(out)s") % {"count": len(cells), "out": out}))
