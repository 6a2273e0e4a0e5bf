"""Every place at every time of day and in every weather, drawn small: light, weather, seed and name change it."""

from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pytest

from generation.animatic.render import render_still
from generation.animatic.scene import OUTSIDES, PLACES, TIMES, WEATHERLESS, WEATHERS, Scene, Shot
from tests.matrix import deep_except

SIZE = (80, 45)


@cache
def draw_place(place: str, time: str = "day", weather: str = "clear", seed: int = 3, name: str = "") -> np.ndarray:
    return render_still(Shot(Scene(place, time, weather, camera="still", place_name=name), seed, *SIZE, 2), 0.5)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return how alike two pictures are laid out: 1 is the same layout, 0 is unrelated."""
    small = [
        cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (32, 18), interpolation=cv2.INTER_AREA)
        for picture in (one, other)
    ]
    return float(np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1])


def check_is_drawn(drawn: np.ndarray, case: str) -> None:
    assert drawn.shape == (45, 80, 3)
    assert drawn.std() > 14, f"{case}: flat"
    assert len(np.unique(drawn.reshape(-1, 3) // 16, axis=0)) > 20, f"{case}: hardly a colour"


@pytest.mark.parametrize("place", PLACES)
def test_day_and_night_show_in_every_place(place):
    for time in ("day", "night"):
        check_is_drawn(draw_place(place, time), time)
    assert draw_place(place, "night").mean() < 0.85 * draw_place(place, "day").mean()
    assert difference(draw_place(place, "day"), draw_place(place, "night")) > 3


@pytest.mark.parametrize("place", deep_except(PLACES, "street"))
def test_every_time_in_every_weather_shows_and_none_is_flat(place):
    weathers = WEATHERS[:1] if place in WEATHERLESS else WEATHERS
    for time in TIMES:
        for weather in weathers:
            drawn, case = draw_place(place, time, weather), f"{time}, {weather}"
            check_is_drawn(drawn, case)
            if weather != "clear":
                assert difference(draw_place(place, time, "clear"), drawn) > 3, f"{case}: the weather does not show"
    for weather in weathers:
        assert draw_place(place, "night", weather).mean() < 0.85 * draw_place(place, "day", weather).mean(), weather
        for one, other in combinations(TIMES, 2):
            apart = difference(draw_place(place, one, weather), draw_place(place, other, weather))
            assert apart > 3, f"{one} and {other} look alike in {weather}"


@pytest.mark.parametrize("place", WEATHERLESS)
def test_no_weather_reaches_the_moon_or_a_stage(place):
    assert difference(draw_place(place, "day", "clear"), draw_place(place, "day", "storm")) == 0


@pytest.mark.parametrize("outside", OUTSIDES)
def test_windows_show_the_place_outside(outside):
    town, other = (
        render_still(Shot(Scene("shop", "day", camera="still", setting="cafe", outside=beyond), 3, *SIZE, 2), 0.5)
        for beyond in ("", outside)
    )

    assert 2 < difference(town, other) < 60, "the windows show the same, or the whole room changed"


@pytest.mark.parametrize("place", deep_except(PLACES, "hill", "street", "room"))
def test_seeds_give_a_place_several_compositions(place):
    """Five seeds at most: the first pair that differs is enough."""
    pairs = ((one, other) for other in range(1, 5) for one in range(other))

    assert any(correlation(draw_place(place, seed=one), draw_place(place, seed=other)) < 0.8 for one, other in pairs)


@pytest.mark.parametrize("place", deep_except(PLACES, "hill", "street", "room"))
def test_a_named_place_keeps_its_geography_whatever_the_seed(place):
    named = [draw_place(place, seed=seed, name="Aoi") for seed in range(3)]
    unnamed = [draw_place(place, seed=seed) for seed in range(3)]

    assert min(correlation(one, other) for one, other in combinations(named, 2)) > 0.9
    named_apart, unnamed_apart = (
        np.mean([difference(a, b) for a, b in combinations(frames, 2)]) for frames in (named, unnamed)
    )
    assert named_apart < 0.6 * unnamed_apart
    other_name = draw_place(place, seed=0, name="Kumo")
    assert correlation(named[0], other_name) < min(correlation(named[0], one) for one in named[1:])
