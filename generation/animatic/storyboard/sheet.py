"""Draw every role, animal, pose, place and thing into one picture: ``python -m generation.animatic.storyboard.sheet``
with the name of the file to write, and the sections that are wanted (all without)."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .catalogue import load_animals, load_poses, load_roles, load_sizes
from .drawing import draw_still
from .figures import draw_figure
from .lines import UNITS, Bytes, Sketch
from .marks import plan_marks
from .panel import PLACES, Figure, Panel, Thing
from .paper import Paper
from .places.furniture import load_furniture
from .things import draw_thing

CELL, SMALL, WIDE = (130, 170), (84, 84), (320, 180)  # pixels of a drawing
ACROSS = 1950  # pixels
LABEL = 14
TIMES = (0.0, 0.5)


def draw_cell(sketches: list[Sketch], size: tuple[int, int]) -> Bytes:
    """Return a drawing without a page."""
    width = UNITS * size[0] / size[1]
    paper = Paper(width, UNITS, size[1] / UNITS, 1)
    for mark in plan_marks(sketches, width, UNITS):
        paper.add(mark)
    return paper.develop(0).copy()


def _draw_figure(figure: Figure, size: tuple[int, int] = CELL) -> Bytes:
    return draw_cell(draw_figure(figure, figure.pose, UNITS * size[0] / size[1], UNITS, TIMES, "room"), size)


def _draw_thing(name: str, size: tuple[int, int] = SMALL) -> Bytes:
    return draw_cell(draw_thing(Thing(name, (0.5, 0.95), 0.8), UNITS * size[0] / size[1], UNITS, TIMES), size)


def draw_roles() -> list[tuple[str, Bytes]]:
    return [(name, _draw_figure(Figure(name, "stand", (0.5, 0.94), height=0.72))) for name in load_roles()]


def draw_animals() -> list[tuple[str, Bytes]]:
    """Return each animal as it stands, walks, runs, sits, lies, flies and swims."""
    cells = []
    for name, animal in load_animals().items():
        tall = min(0.44, 0.5 / (animal.long * max(1.0, animal.snout) ** 0.5) * (0.5 if animal.body == "fish" else 1.0))
        poses = ("stand",) if animal.body == "picture" else ("stand", "walk", "run", "sit", "lie", "fly", "swim")
        for pose in poses:
            cells.append((f"{name} {pose}", _draw_figure(Figure(name, pose, (0.5, 0.85), height=tall), (130, 110))))
    return cells


def draw_poses() -> list[tuple[str, Bytes]]:
    return [(name, _draw_figure(Figure("girl", name, (0.5, 0.9), height=0.56), (160, 170))) for name in load_poses()]


def draw_places() -> list[tuple[str, Bytes]]:
    """Return each place with its variants, by night and in the rain, too."""
    panels = [(place, variant, "day", "") for place in PLACES for variant in load_furniture().get(place, {"": ()})]
    panels += [(place, "", "night", "rain") for place in PLACES]
    return [
        (f"{place} {variant} {hour}", draw_still(Panel("", place, variant, hour, weather), WIDE))
        for place, variant, hour, weather in panels
    ]


def draw_things() -> list[tuple[str, Bytes]]:
    names = [name for name, size in load_sizes().items() if size.is_named]
    return [(name, _draw_thing(name)) for name in names]


SECTIONS = {
    "roles": draw_roles,
    "animals": draw_animals,
    "poses": draw_poses,
    "places": draw_places,
    "things": draw_things,
}


def arrange(cells: list[tuple[str, Bytes]]) -> Bytes:
    """Return cells in rows with their names above."""
    height, width = cells[0][1].shape[:2]
    columns = ACROSS // width
    rows = -(-len(cells) // columns)
    page = Image.new("RGB", (ACROSS, rows * (height + LABEL)), "white")
    pen = ImageDraw.Draw(page)
    for number, (name, drawing) in enumerate(cells):
        x, y = number % columns * width, number // columns * (height + LABEL)
        page.paste(Image.fromarray(drawing), (x, y + LABEL))
        pen.text((x + 2, y + 1), name[: width // 6], fill=(150, 40, 30))
    return np.asarray(page)


def main(target: Path, sections: list[str]) -> None:
    pages = [arrange(SECTIONS[name]()) for name in sections or SECTIONS]
    Image.fromarray(np.vstack(pages)).save(target, quality=80)
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
