"""People and animals of a panel, with what they ride or sit on."""

import numpy as np

from .animals import build_animal
from .catalogue import PERSON_METRES, find_metres, load_animals, load_poses
from .holding import Held, draw_held, draw_rod, load_grips, load_tools
from .inking import draw_person
from .lines import Array, Point, Sketch, corners
from .panel import Figure
from .things import draw_named
from .tracing import load_shapes, measure_picture

INDOORS = ("room", "shop", "corridor", "stage", "arena", "unknown")
LYING = ("lie", "sleep")
LARGEST_MOUNT = 2.2  # times the height of the rider
RIDDEN, ABOVE = 0.8, 0.75  # parts of the heights of mount and rider that add up
HANGING = 0.33  # height of the body that is below the seat of a rider
FILLED = 0.95  # part of the picture above the feet of the mount
Times = tuple[float, float]


def draw_figure(figure: Figure, pose: str, width: float, height: float, times: Times, place: str) -> list[Sketch]:
    """Return a figure, back to front.

    ``width`` and ``height``: of the whole drawing in units; ``times``: when its lines come.
    """
    at, tall = (figure.at[0] * width, figure.at[1] * height), figure.height * height
    pose = pose if pose in load_poses() else "stand"
    if figure.rides:
        return _draw_rider(figure, pose, tall, at, times)
    if figure.role in load_animals():
        drawn = draw_animal(figure.role, pose, tall, at, figure.facing == "left", times)
        return [*drawn, *_put_before(figure, tall, at, times)] if figure.holds else drawn
    if load_poses()[pose].rests == "seat":
        return _draw_seated(figure, pose, tall, at, times, place)
    return draw_person(figure, pose, tall, at, times)


def draw_animal(name: str, pose: str, tall: float, at: Point, is_flipped: bool, times: Times) -> list[Sketch]:
    """Return an animal ``tall`` units high when it stands, back to front."""
    animal = load_animals()[name]
    if animal.body == "picture":
        return draw_named(name, at, tall, is_flipped, times)
    return build_animal(animal, load_poses()[pose].animal).draw(at, tall, is_flipped, times)


def _put_before(figure: Figure, tall: float, at: Point, times: Times) -> list[Sketch]:
    """Return what an animal holds: before its chest, larger than life."""
    animal = load_animals()[figure.role]
    reach = tall * 0.45
    if animal.body != "picture":
        creature = build_animal(animal, "stand")
        reach = tall * 0.5 * creature.measure_width() / creature.height
    way = -1 if figure.facing == "left" else 1
    held = Held(figure.holds, np.zeros(2), 90.0, is_in_both=False)
    return draw_held(held, (at[0] + way * reach, at[1] - tall * 0.35), tall * 2.0, figure.facing, times)


def _draw_seated(figure: Figure, pose: str, tall: float, at: Point, times: Times, place: str) -> list[Sketch]:
    """Return somebody on a stool, or outdoors on the ground with the knees up."""
    if place == "vehicle":  # on its bench
        return draw_person(figure, pose, tall, at, times)
    if place not in INDOORS:
        return draw_person(figure, pose, tall, at, times, "sit_low")
    stool = Sketch(start=times[0], end=times[0] + 0.05)
    top, half = at[1] - tall * 0.215, tall * 0.1
    middle = at[0] - tall * 0.03 * (-1 if figure.facing == "left" else 1)
    for x in (-0.8, 0.8):
        stool.rule((middle + half * x, top), (middle + half * x * 1.15, at[1]), 6)
    stool.shape(_slab(middle, top, half, tall * 0.022))
    return [stool, *draw_person(figure, pose, tall, at, times)]


def _slab(x: float, y: float, half: float, thick: float) -> Array:
    return corners(x - half, y, x + half, y + thick)


def _draw_rider(figure: Figure, pose: str, tall: float, at: Point, times: Times) -> list[Sketch]:
    """Return a rider with what is ridden, at whose feet ``at`` is."""
    is_flipped, animals = figure.facing == "left", load_animals()
    mount, tall = _fit_rider(figure, tall, at[1])
    below = (times[0], times[0] + (times[1] - times[0]) * 0.6)
    if figure.rides in animals and animals[figure.rides].body != "picture":
        creature = build_animal(animals[figure.rides], load_poses()[pose].animal if pose in ("walk", "run") else "walk")
        drawn = creature.draw(at, mount, is_flipped, below)
        k = mount / creature.height
        seat = (at[0] + creature.seat[0] * k * (-1 if is_flipped else 1), at[1] - creature.seat[1] * k)
        return [*drawn, *_seat_rider(figure, pose, tall, seat, times)]
    if figure.rides in load_grips()["inside"]:
        edge = at[1] - mount * (1 - load_grips()["inside"][figure.rides])
        is_standing = load_poses()[pose].rests == "feet"
        foot = (at[0], min(at[1], edge + tall * (0.42 if is_standing else 0.3)))
        if figure.role in animals:
            rider = draw_animal(figure.role, "sit", tall, foot, is_flipped, times)
        else:
            rider = draw_person(figure, pose, tall, foot, times, "" if is_standing else "ride")
        return [*rider, *draw_named(figure.rides, at, mount, is_flipped, below)]
    if figure.rides in load_tools():
        seat = (at[0], at[1] - tall * 0.3)
        rod = draw_rod(figure.rides, seat, tall / PERSON_METRES, is_flipped, below)
        return [*_seat_rider(figure, pose, tall, seat, times), rod]
    drawn = draw_named(figure.rides, at, mount, is_flipped, below)
    return [*drawn, *_seat_rider(figure, pose, tall, find_seat(figure.rides, at, mount, is_flipped), times)]


def _fit_rider(figure: Figure, tall: float, room: float) -> tuple[float, float]:
    """Return the heights of mount and rider, smaller than ``tall`` if the rider's head would leave the picture.

    ``room``: the height of the picture above the feet of the mount.
    """
    metres, role_metres = find_metres(figure.rides) or 1.0, find_metres(figure.role) or PERSON_METRES
    mount = min(tall * metres / role_metres, tall * LARGEST_MOUNT)
    fit = min(1.0, room * FILLED / (mount * RIDDEN + tall * ABOVE))
    return mount * fit, tall * fit


def _seat_rider(figure: Figure, pose: str, tall: float, seat: Point, times: Times) -> list[Sketch]:
    """Return somebody who sits, lies or stands on a point."""
    if figure.role in load_animals():
        return draw_animal(figure.role, "sit" if pose == "ride" else pose, tall, seat, figure.facing == "left", times)
    if pose in LYING:
        return draw_person(figure, pose, tall, seat, times)
    return draw_person(figure, pose, tall, (seat[0], seat[1] + tall * HANGING), times, "ride")


def find_seat(name: str, foot: Point, height: float, is_flipped: bool) -> Point:
    """Return the point of a thing on which one sits, in units. ``foot``: the middle of its foot."""
    x, y = load_grips()["seat"].get(name, (0.5, 0.12))
    wide = height
    if load_shapes(name):
        x0, y0, x1, y1 = measure_picture(name)
        wide = height * (x1 - x0) / (y1 - y0)
    return foot[0] + (x - 0.5) * wide * (-1 if is_flipped else 1), foot[1] - (1 - y) * height
