"""Draw a panel: the finished still, or the frames of a shot in which its lines appear one after another."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from .camera import draw_camera, get_drawing_size, get_view, mark_turn
from .figures import draw_figure
from .lines import UNITS, Bytes, Point, Sketch, covers
from .marks import Mark, plan_marks
from .page import Page
from .panel import MAX_FIGURES, MAX_THINGS, Figure, Panel, Thing
from .paper import VERSIONS, Paper
from .places import draw_place
from .signs import draw_sign
from .things import draw_thing
from .weather import draw_weather

REVEAL, TURN = 0.5, 0.68  # parts of the shot: until all is drawn; when the second drawing comes
WRITTEN = 1.2  # parts of the time of drawing until the note is written
NEAR = 9.0  # depth of what is drawn in front, wherever it stands
TWOS = 2  # frames for which a drawing is held


def compose(
    panel: Panel, ratio: float, seed: int = 0, has_turned: bool = False, versions: int = VERSIONS
) -> list[Sketch]:
    """Return all sketches of a panel, back to front. ``ratio``: width of the picture to its height."""
    width, height = get_drawing_size(panel, ratio)
    sketches = draw_place(panel, width, height, seed)
    figures, things = panel.figures[:MAX_FIGURES], panel.things[:MAX_THINGS]
    count = max(1, len(figures) + len(things))
    bodies: list[tuple[float, list[Sketch]]] = []
    for number, thing in enumerate(things):
        start = 0.4 + 0.3 * (number + len(figures)) / count
        bodies.append((_get_depth(thing), draw_thing(thing, width, height, (start, start + 0.14))))
    for number, figure in enumerate(figures):
        start = 0.36 + 0.3 * number / count
        pose = figure.then if has_turned and figure.then else figure.pose
        drawn = draw_figure(figure, pose, width, height, (start, start + 0.16), panel.place)
        bodies.append((_get_depth(figure) + 0.001, drawn))
    sketches += order_bodies(bodies)
    signed: set[tuple[str, str]] = set()  # one of several who do the same is enough
    for figure in figures:
        pose = figure.then if has_turned and figure.then else figure.pose
        if (figure.role, pose) not in signed:
            sketches += draw_sign(figure, pose, width, height, 0.62)
        signed.add((figure.role, pose))
    return [*sketches, *draw_weather(panel, width, height, seed, versions), draw_camera(panel, width, height)]


def order_bodies(bodies: list[tuple[float, list[Sketch]]]) -> list[Sketch]:
    """Return bodies back to front: by depth, but behind those whose face they would cover."""
    ordered: list[list[Sketch]] = []
    for depth, parts in sorted(bodies, key=lambda body: body[0]):
        faces = [(number, face) for number, behind in enumerate(ordered) if (face := _find_face(behind))]
        covered = [number for number, face in faces if covers(parts, face)]
        place = covered[0] if covered and depth < NEAR else len(ordered)
        ordered.insert(place, parts)
    return [sketch for parts in ordered for sketch in parts]


def _find_face(parts: list[Sketch]) -> Point | None:
    return next((sketch.face for sketch in parts if sketch.face), None)


def _get_depth(item: Figure | Thing) -> float:
    return item.at[1] + (NEAR if item.is_near else 0)


class Shot:
    """A panel at a size: its marks, paper and page."""

    def __init__(self, panel: Panel, size: tuple[int, int], seconds: float, seed: int, versions: int) -> None:
        self.panel, self.seed, self.versions = panel, seed, versions
        self.page = Page(panel, size, seconds)
        x0, y0, x1, y1 = self.page.area
        self.ratio = (x1 - x0) / (y1 - y0)
        self.scale = (y1 - y0) / UNITS
        self.units = get_drawing_size(panel, self.ratio)
        self.start(has_turned=False)

    def start(self, has_turned: bool) -> None:
        """Plan the first drawing, or the second one that lies over it after the turn."""
        self.marks: list[Mark] = plan_marks(
            compose(self.panel, self.ratio, self.seed, has_turned, self.versions), *self.units
        )
        if has_turned:
            self.marks += mark_turn(self.panel, *self.units)
        self.paper = Paper(*self.units, self.scale, self.versions, self.panel.mood, self.seed + 1)
        self.done = 0

    def draw_until(self, when: float) -> None:
        """Put the marks on paper that come until a part of the time of drawing."""
        while not self.is_done and self.marks[self.done].when <= when:
            self.paper.add(self.marks[self.done])
            self.done += 1

    @property
    def is_done(self) -> bool:
        return self.done == len(self.marks)

    def place_picture(self, sheet: Bytes, version: int, t: float) -> Bytes:
        """Return the sheet with what the camera sees of the drawing at ``t`` (0 to 1)."""
        x0, y0, x1, y1 = self.page.area
        w, h = x1 - x0, y1 - y0
        drawing = self.paper.develop(version)
        pixels = drawing.shape[1] / self.units[0]
        left, top, right, bottom = (v * pixels for v in get_view(self.panel, *self.units, UNITS * w / h, t))
        move = np.array([[(right - left) / w, 0, left], [0, (bottom - top) / h, top]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        view = cv2.warpAffine(drawing, move, (w, h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        out = sheet.copy()
        out[y0:y1, x0:x1] = np.minimum(out[y0:y1, x0:x1], view)
        return out


def draw_still(panel: Panel, size: tuple[int, int] = (480, 270), seed: int = 0, seconds: float = 4.0) -> Bytes:
    """Return the finished panel, RGB, in the middle of the camera's movement over it.

    Raises FontMissing if no font of this machine can write the note.
    """
    shot = Shot(panel, size, seconds, seed, 1)
    shot.draw_until(2.0)
    return shot.place_picture(shot.page.full, 0, {"push": 0.0, "pull": 1.0}.get(panel.camera, 0.5))


def draw_layout(panel: Panel, size: tuple[int, int], seed: int = 0) -> Bytes:
    """Return the finished drawing alone, RGB: without sheet, note and the marks of camera and turn."""
    held = replace(panel, camera="hold")
    ratio = size[0] / size[1]
    units = get_drawing_size(held, ratio)
    paper = Paper(*units, size[1] / UNITS, 1, panel.mood, seed + 1)
    for mark in plan_marks(compose(held, ratio, seed, versions=1), *units):
        paper.add(mark)
    return cv2.resize(paper.develop(0), size, interpolation=cv2.INTER_AREA)


def draw_frames(
    panel: Panel, size: tuple[int, int] = (854, 480), fps: int = 24, seconds: float = 4.0, seed: int = 0
) -> Iterator[Bytes]:
    """Yield the frames of a shot, RGB. Every drawing is held for two frames.

    Raises FontMissing if no font of this machine can write the note.
    """
    shot = Shot(panel, size, seconds, seed, VERSIONS)
    frames = max(1, round(seconds * fps))
    drawings = -(-frames // TWOS)
    turn = int(drawings * TURN) if panel.has_turn else drawings + 1
    held: dict[tuple[int, float], Bytes] = {}
    for number in range(drawings):
        t = number / max(1, drawings - 1)
        if number == turn:
            shot.start(has_turned=True)
        part = t / REVEAL if number < turn else 2.0
        shot.draw_until(part)
        camera = min(1.0, max(0.0, (t - REVEAL * 0.85) / (1 - REVEAL * 0.85))) if panel.camera != "hold" else 0.0
        key = (number % VERSIONS if shot.is_done else 0, camera)
        if part < WRITTEN or number == turn or camera not in {k[1] for k in held}:
            held = {}
        if key not in held:
            held[key] = shot.place_picture(shot.page.show_note(part * 1.25 - 0.2), key[0], camera)
        for _ in range(min(TWOS, frames - number * TWOS)):
            yield held[key]
