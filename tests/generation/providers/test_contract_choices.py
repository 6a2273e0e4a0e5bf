"""Contract of every adapter: shape, length, resolution and sound reach the provider as chosen."""

import math
from datetime import date
from itertools import cycle, islice

import pytest

from generation.providers import catalogue, parsing
from generation.providers.base import RATIOS, Mode
from tests.generation.providers.contract import CONTRACT

SHAPE = "16:9"  # offered by every model; its shorter side is the resolution
PIXEL_LINES = {1024: 1080, 704: 720, 496: 480}  # heights that count as our resolutions


def models(entry, fact="model"):
    """Return the models with this fact that their makers still offer today."""
    found = catalogue.built_in_models(entry.slug)
    return [facts["model"] for facts in found if facts.get(fact) and facts.get("retired_on", date.max) > date.today()]


def received(harness, mode=None, model="", **choices) -> dict:
    """What the provider received for these choices."""
    request = harness.request(mode, model, **{"ratio": SHAPE} | choices)
    assert harness.provider.capability(model).find_conflicts(request) == {}
    submitted = harness.submit(request)
    return harness.fake.read_request(harness.fake.tasks[submitted.task_id])


def pair_all(some, others) -> list[tuple]:
    """Return pairs in which each value occurs at least once."""
    return list(islice(zip(cycle(some), cycle(others)), max(len(some), len(others))))


def resolution_of(values: dict) -> int | None:
    lines = values.get("lines") or min(values.get("size", [0]))
    return PIXEL_LINES.get(lines, lines) or None


def test_clip_has_the_chosen_resolution(entry, build_harness, subtests):
    for model in models(entry):
        with subtests.test(model=model):
            harness = build_harness(entry)
            capability = harness.provider.capability(model)
            choices = pair_all(sorted(capability.modes), capability.resolutions)

            found = {
                (mode, lines): resolution_of(received(harness, mode, model, resolution=lines))
                for mode, lines in choices
            }

            pro_only = parsing.find_model_parameters(entry.slug, model).get("pro_for", ())  # Kling needs 1080 for these
            expected = {(mode, lines): max(lines, 1080) if mode in pro_only else lines for mode, lines in choices}
            if len(capability.resolutions) == 1:  # there may be no parameter
                expected |= {choice: None for choice, lines in found.items() if lines is None}
            assert found == expected


WITH_SOUND = [entry for entry in CONTRACT if models(entry, "has_audio")]


@pytest.mark.parametrize("entry", WITH_SOUND, ids=lambda entry: entry.slug)
def test_clip_has_sound_only_if_chosen(entry, build_harness, subtests):
    for model in models(entry, "has_audio"):
        with subtests.test(model=model):
            harness = build_harness(entry)
            sound = [received(harness, model=model, options=options).get("audio") for options in ({"audio": True}, {})]
            assert sound == [True, False]


def test_clip_has_the_chosen_shape_and_length(entry, build_harness, subtests):
    for model in models(entry):
        with subtests.test(model=model):
            check_shapes_and_lengths(build_harness(entry), model)


def check_shapes_and_lengths(harness, model):
    capability = harness.provider.capability(model)
    choices = [
        (ratio, lines, capability.seconds[0]) for ratio, lines in pair_all(capability.ratios, capability.resolutions)
    ]
    choices += [(capability.ratios[0], capability.resolutions[0], seconds) for seconds in capability.seconds]
    choices = [choice for choice in choices if not capability.explain_combination(choice[2], choice[1])]
    has_one_shape = len(capability.ratios) == 1 or (
        capability.ratio_follows_picture and Mode.WORDS not in capability.modes
    )

    for ratio, lines, seconds in choices:
        values = received(harness, model=model, ratio=ratio, resolution=lines, seconds=seconds)
        found = shape_of(values) or (ratio if has_one_shape else ""), values.get("seconds")
        assert found == (ratio, seconds if len(capability.seconds) > 1 else found[1]), (ratio, lines, seconds)


def shape_of(values: dict) -> str:
    """The ratio nearest to the pixels received; empty if the provider received neither."""
    if "size" not in values:
        return values.get("ratio", "")
    return min(RATIOS, key=lambda ratio: abs(math.log(values["size"][0] / values["size"][1] / quotient(ratio))))


def quotient(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)
