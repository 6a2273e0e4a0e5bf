"""What a person chose beyond words and pictures reaches the provider: its shape, how long, how sharp, with sound or
without."""

import math
from itertools import product

import pytest

from generation.providers import catalogue, parsing
from generation.providers.base import RATIOS, Mode
from tests.generation.providers.contract import CONTRACT

SHAPE = "16:9"  # every model draws it, and in pixels its shorter side says how sharp it is
ODD = {1024: 1080, 704: 720, 496: 480}  # lines of the providers that count as those we name


def models(fact="model"):
    for entry in CONTRACT:
        for facts in catalogue.shipped(entry.slug):
            if facts.get(fact):
                yield pytest.param(entry, facts["model"], id=f"{entry.slug}-{facts['model']}")


def told_of(desk, mode=None, model="", **wish) -> dict:
    """What the provider was really asked for."""
    request = desk.request(mode, model, **{"ratio": SHAPE} | wish)
    assert desk.engine.capability(model).reasons_against(request) == {}
    done = desk.submit(request)
    return desk.fake.told(desk.fake.tasks[done.task_id])


def sharpness(told: dict) -> int | None:
    lines = told.get("lines") or min(told.get("size", [0]))
    return ODD.get(lines, lines) or None


@pytest.mark.parametrize(("entry", "model"), list(models()))
def test_a_clip_is_as_sharp_as_it_was_asked_for(entry, model, desk_of):
    desk = desk_of(entry)
    able = desk.engine.capability(model)
    wishes = [(mode, lines) for mode in sorted(able.modes) for lines in able.resolutions]

    told = {wish: sharpness(told_of(desk, wish[0], model, resolution=wish[1])) for wish in wishes}

    sharper = parsing.model_facts(entry.slug, model).get("pro_for", ())  # Kling draws these in 1080 only
    expected = {(mode, lines): 1080 if mode in sharper else lines for mode, lines in wishes}
    if len(able.resolutions) == 1:  # then nobody needs to be told
        expected |= {wish: None for wish, lines in told.items() if lines is None}
    assert told == expected


@pytest.mark.parametrize(("entry", "model"), list(models("has_audio")))
def test_a_clip_has_sound_when_it_was_asked_for_and_none_otherwise(entry, model, desk_of):
    desk = desk_of(entry)

    said = [told_of(desk, model=model, options=options).get("audio") for options in ({"audio": True}, {})]

    assert said == [True, False]


@pytest.mark.parametrize(("entry", "model"), list(models()))
def test_a_clip_has_the_shape_and_the_length_that_it_was_asked_for(entry, model, desk_of):
    desk = desk_of(entry)
    able = desk.engine.capability(model)
    wishes = [(ratio, lines, able.seconds[0]) for ratio, lines in product(able.ratios, able.resolutions)]
    wishes += [(able.ratios[0], able.resolutions[0], seconds) for seconds in able.seconds]
    wishes = [wish for wish in wishes if not able.apart(wish[2], wish[1])]

    said = [told_of(desk, model=model, ratio=ratio, resolution=lines, seconds=s) for ratio, lines, s in wishes]

    has_no_choice = len(able.ratios) == 1 or (able.ratio_follows_picture and Mode.WORDS not in able.modes)
    shapes = [shape_of(each) or (wish[0] if has_no_choice else "") for each, wish in zip(said, wishes, strict=True)]
    assert shapes == [ratio for ratio, _lines, _seconds in wishes]
    lasts = [each.get("seconds") if len(able.seconds) > 1 else wish[2] for each, wish in zip(said, wishes, strict=True)]
    assert lasts == [seconds for _ratio, _lines, seconds in wishes]


def shape_of(told: dict) -> str:
    """The ratio that comes nearest to the pixels that were asked for; nothing where none was told."""
    if "size" not in told:
        return told.get("ratio", "")
    return min(RATIOS, key=lambda ratio: abs(math.log(told["size"][0] / told["size"][1] / _share(ratio))))


def _share(ratio: str) -> float:
    across, down = ratio.split(":")
    return int(across) / int(down)
