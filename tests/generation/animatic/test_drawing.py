"""Drawn frames move, show light and weather, and depend on the seed."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from generation.animatic.render import ShotRenderer, render_still
from generation.animatic.scene import CAMERAS, PARTICLES, PLACES, Scene, Shot, Subject
from tests.matrix import deep_except

SIZE = (192, 108)
RATIOS = {
    "16:9": (192, 108),
    "9:16": (108, 192),
    "1:1": (120, 120),
    "4:3": (144, 108),
    "3:4": (108, 144),
    "21:9": (252, 108),
}


def make_shot(scene: Scene, seed: int = 3, size: tuple[int, int] = SIZE, seconds: float = 2, **more) -> Shot:
    return Shot(scene, seed, *size, seconds, **more)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean difference of two frames (0 to 255)."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def brightness(frame: np.ndarray) -> float:
    return float(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).mean())


@pytest.mark.parametrize("place", deep_except(PLACES, "hill", "street", "classroom"))
def test_the_seed_decides_the_picture(place):
    scene = Scene(place, "day")
    first = render_still(make_shot(scene, 5), 1.0)

    assert difference(first, render_still(make_shot(scene, 5), 1.0)) < 0.05
    assert difference(first, render_still(make_shot(scene, 6), 1.0)) > 4


@pytest.mark.parametrize("camera", deep_except(CAMERAS, "pull", "pan_left", "rise", "still"))
def test_no_camera_move_freezes_or_shows_the_edge_of_the_drawing(camera):
    film = ShotRenderer(make_shot(Scene("hill", "sunset", camera=camera), seconds=3))
    frames = [film.frame(t)[..., :3].copy() for t in (0, 1.0, 1.5, 2.96)]

    assert all(difference(a, b) > 0.25 for a, b in pairwise(frames))
    for frame in frames:
        border = np.concatenate([frame[0], frame[-1], frame[:, 0], frame[:, -1]])
        assert (border.max(1) > 0).all(), "black at the border: the camera left the drawing"


@pytest.mark.parametrize("place", deep_except(PLACES, "sea", "room", "platform"))
def test_every_second_of_a_place_moves(place):
    film = ShotRenderer(make_shot(Scene(place, "day", camera="still"), seconds=3))
    frames = [film.frame(t)[..., :3].copy() for t in (0, 1, 2)]

    assert min(difference(frames[0], frames[1]), difference(frames[1], frames[2])) > 0.1


def test_night_is_darker_and_bluer_than_day():
    day, night = (render_still(make_shot(Scene("hill", time)), 0.5) for time in ("day", "night"))
    blue, _green, red = night.reshape(-1, 3).mean(0)

    assert brightness(day) > 1.8 * brightness(night)
    assert blue > 1.4 * red


def test_sunset_is_warmer_than_day():
    def warmth(frame):
        blue, _green, red = frame.reshape(-1, 3).mean(0)
        return red / blue

    assert warmth(render_still(make_shot(Scene("sea", "sunset")), 0.5)) > 1.3 * warmth(
        render_still(make_shot(Scene("sea", "day")), 0.5)
    )


@pytest.mark.parametrize("weather", deep_except(["rain", "fog", "storm"], "rain"))
def test_bad_weather_makes_a_day_less_colourful(weather):
    def colourfulness(frame):
        return float(cv2.cvtColor(frame, cv2.COLOR_BGR2HSV)[..., 1].mean())

    clear, dull = (render_still(make_shot(Scene("hill", "day", w)), 0.5) for w in ("clear", weather))

    assert colourfulness(dull) < 0.9 * colourfulness(clear)


def test_snow_covers_the_ground():
    green, white = (render_still(make_shot(Scene("hill", "day", w), 3), 0.5)[-20:] for w in ("clear", "snow"))

    assert brightness(white) > 1.2 * brightness(green)


def test_particles_are_visible_and_move():
    hill = Scene("hill", "night", camera="still")
    bare = ShotRenderer(make_shot(hill)).frame(0.5)
    failures = []
    for name in PARTICLES:
        flying = ShotRenderer(make_shot(replace(hill, particles=(name,))))
        one, other = flying.frame(0.5).copy(), flying.frame(0.9).copy()
        if difference(bare, one) <= 0.05:
            failures.append(f"{name}: invisible")
        if difference(one, other) <= 0.05:
            failures.append(f"{name}: does not move")

    assert failures == []


@pytest.mark.parametrize("ratio", deep_except(RATIOS, "9:16", "1:1"))
def test_every_aspect_ratio_is_filled(ratio):
    turn = list(RATIOS).index(ratio)
    for place in PLACES[turn :: len(RATIOS)]:
        frame = render_still(make_shot(Scene(place, "day", subjects=(Subject("girl"),)), size=RATIOS[ratio]), 0.5)

        assert frame.shape[:2] == RATIOS[ratio][::-1]
        assert frame.std() > 8


@pytest.mark.parametrize(("one", "other"), [("North Station", "South Station"), ("山里的车站", "海边的车站")])
def test_places_with_similar_names_look_different(one, other):
    def ground(name):
        return render_still(make_shot(Scene("hill", "day", camera="still", place_name=name), 1), 0.0)[60:]

    assert difference(ground(one), ground(other)) > 4
    assert difference(ground(one), ground(f" {one.upper()} ")) == 0


def test_only_a_requested_person_is_drawn():
    bare, cast = (
        render_still(make_shot(Scene("hill", "day", subjects=s), size=(320, 180)), 0.5)
        for s in ((), (Subject("girl"),))
    )

    changed = np.abs(bare.astype(int) - cast.astype(int)).max(2) > 24
    assert 0.002 < changed.mean() < 0.3


def test_all_resolutions_show_the_same_picture():
    scene = Scene("city", "sunset")
    small, large = (
        render_still(make_shot(scene, size=(320, 180)), 0.5),
        render_still(make_shot(scene, size=(480, 270)), 0.5),
    )

    assert difference(small, cv2.resize(large, (320, 180), interpolation=cv2.INTER_AREA)) < 26


def test_on_twos_repeats_each_drawing_for_two_frames():
    def measure_steps(on_twos):
        film = ShotRenderer(make_shot(Scene("hill", "day", "rain", camera="still", on_twos=on_twos)))
        frames = [film.frame(k / 24).copy() for k in range(4)]
        return difference(frames[0], frames[1]), difference(frames[1], frames[2])

    repeated, changed = measure_steps(True)
    assert repeated < 0.3 * changed
    assert measure_steps(False)[0] > 0.5 * changed


def test_a_clip_can_start_from_the_last_frame_of_another(tmp_path):
    last = render_still(make_shot(Scene("room", "night")), 1.9)
    cv2.imwrite(str(tmp_path / "last.png"), last)
    film = ShotRenderer(make_shot(Scene("sea", "day"), first_frame=tmp_path / "last.png"))

    assert difference(film.frame(0.0)[..., :3], last) < 1
    assert difference(film.frame(1.0)[..., :3], last) > 20
