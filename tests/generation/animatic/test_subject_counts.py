"""The requested number of subjects is drawn inside the frame; a number above the maximum is reported."""

from functools import cache

import pytest

from generation.animatic.places import build_place
from generation.animatic.render import create_stage
from generation.animatic.scene import PEOPLE, SUBJECTS, Scene, Shot, Subject
from generation.animatic.subjects import build_subject
from generation.animatic.understanding import understand
from tests.matrix import deep_except

LAYER_NAMES = {
    **dict.fromkeys((*PEOPLE, "cat", "dog"), " head"), "bird": "bird", "train": "train", "bicycle": "frame",
    "lanterns": "lantern", "balloon": "balloon", "ship": "hull",
    "robot": " head", "dragon": "body", "whale": "body", "guitar": "body",
    "sword": "blade", "food": "dish",
}  # fmt: skip
WORDS = {
    "lanterns": "lanterns", "child": "children", "woman": "women", "man": "men", "elder": "grandmothers",
    "food": "pizzas",
}  # fmt: skip


@cache
def compose_hill(size: tuple[int, int]):
    """Compose the hill once per size; subjects do not change it."""
    stage = create_stage(Shot(Scene("hill", "day"), 3, *size, 3))
    build_place("hill", stage)
    return stage


def list_individuals(subject: Subject, size=(160, 90)) -> list:
    """Return one layer per drawn individual on the hill."""
    stage = compose_hill(size)
    layers = build_subject(stage, subject, stage.spots[0])
    sign = LAYER_NAMES[subject.kind]
    return [layer for layer in layers if layer.name.endswith(sign) or layer.name.startswith(f"{sign} ")]


@pytest.mark.parametrize("number", [3, 9, 300])
@pytest.mark.parametrize("kind", deep_except(SUBJECTS, "girl", "cat", "ship", "lanterns"))
def test_the_count_chip_equals_the_number_drawn(kind, number):
    understood = understand(f"{number} {WORDS.get(kind, kind + 's')} on a hill, seen from behind")
    (subject,) = understood.scene.subjects
    shown = [int(chip.value) for chip in understood.chips if chip.slot == "count"] or [1]

    assert shown == [subject.count] == [_lanterns_apart(list_individuals(subject))]
    assert (subject.count < number) == any(prompt.startswith(str(number)) for prompt in understood.unknown)


def _lanterns_apart(layers: list) -> int:
    return sum("light" not in layer.name for layer in layers)


@pytest.mark.parametrize("view", ["back", pytest.param("front", marks=pytest.mark.deep)])
@pytest.mark.parametrize("size", [(160, 90), (90, 160)], ids=["wide", "tall"])
@pytest.mark.parametrize("kind", ["girl", "bird", "ship", "lanterns"])
def test_a_dozen_subjects_are_all_inside_the_frame(kind, size, view):
    individuals = list_individuals(Subject(kind, count=12, view=view), size)
    layers = [layer for layer in individuals if "light" not in layer.name]
    middles = [(layer.x + layer.image.shape[1] / 2 + layer.motion(1.5).dx) / size[0] for layer in layers]

    assert len(layers) == 12
    assert min(middles) >= 0 and max(middles) <= 1
    assert len({round(middle, 2) for middle in middles}) > 9, "subjects hide each other"


@pytest.mark.parametrize(
    ("prompt", "count"),
    [("a lantern", 1), ("two lanterns", 2), ("20 lanterns", 20), ("lanterns", 12), ("灯笼", 12), ("一盏灯笼", 1),
     ("a summer festival", 12)],
)  # fmt: skip
def test_the_prompt_decides_the_number_of_lanterns(prompt, count):
    (lanterns,) = understand(prompt).scene.subjects

    assert lanterns.count == count == _lanterns_apart(list_individuals(lanterns))


@pytest.mark.parametrize(
    ("prompt", "unknown"), [("a hill, 100 girls", "100 girls"), ("three trains", "three trains"), ("猫50匹", "50匹猫")]
)
def test_a_number_above_the_maximum_is_listed_as_unknown(prompt, unknown):
    assert unknown in understand(prompt).unknown


def test_trains_without_a_number_show_no_count_chip():
    understood = understand("trains pass by the sea")

    assert [subject.count for subject in understood.scene.subjects] == [1]
    assert not any(chip.slot == "count" for chip in understood.chips) and not understood.unknown
