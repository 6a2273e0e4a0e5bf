"""All twelve places at every time in every weather, drawn small: what light, weather, chance and a name do to each."""

from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pytest

from generation.animatic.render import still
from generation.animatic.scene import PLACES, TIMES, WEATHERS, Scene, Shot

pytestmark = pytest.mark.slow
SIZE = (80, 45)


@cache
def frame(place: str, time: str = "day", weather: str = "clear", seed: int = 3, name: str = "") -> np.ndarray:
    return still(Shot(Scene(place, time, weather, camera="still", place_name=name), seed, *SIZE, 2), 0.5)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """How alike two pictures are laid out: 1 is the same, 0 has nothing to do with it."""
    small = [
        cv2.resize(cv2.cvtColor(each, cv2.COLOR_BGR2GRAY), (32, 18), interpolation=cv2.INTER_AREA)
        for each in (one, other)
    ]
    return float(np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1])


@pytest.mark.parametrize("place", PLACES)
def test_every_time_and_every_weather_shows_and_none_is_flat(place):
    for time in TIMES:
        for weather in WEATHERS:
            drawn, case = frame(place, time, weather), f"{time}, {weather}"
            assert drawn.shape == (45, 80, 3)
            assert drawn.std() > 14, f"{case}: flat"
            assert len(np.unique(drawn.reshape(-1, 3) // 16, axis=0)) > 20, f"{case}: hardly a colour"
            if weather != "clear":
                assert difference(frame(place, time, "clear"), drawn) > 3, f"{case}: the weather does not show"
    for weather in WEATHERS:
        assert frame(place, "night", weather).mean() < 0.85 * frame(place, "day", weather).mean(), weather
        for one, other in combinations(TIMES, 2):
            apart = difference(frame(place, one, weather), frame(place, other, weather))
            assert apart > 3, f"{one} and {other} look alike in {weather}"


@pytest.mark.parametrize("place", PLACES)
def test_a_place_has_several_compositions(place):
    drawn = [frame(place, seed=seed) for seed in range(5)]

    assert min(likeness(one, other) for one, other in combinations(drawn, 2)) < 0.8


@pytest.mark.parametrize("place", PLACES)
def test_a_named_place_keeps_its_geography_whatever_the_seed(place):
    named = [frame(place, seed=seed, name="Aoi") for seed in range(3)]
    unnamed = [frame(place, seed=seed) for seed in range(3)]

    assert min(likeness(one, other) for one, other in combinations(named, 2)) > 0.9
    among = [np.mean([difference(a, b) for a, b in combinations(each, 2)]) for each in (named, unnamed)]
    assert among[0] < 0.6 * among[1]
    assert likeness(named[0], frame(place, seed=0, name="Kumo")) < min(likeness(named[0], one) for one in named[1:])
