"""Props: words that find them, pictures that draw, and places without room for them."""

import math
import zipfile
from dataclasses import replace
from itertools import pairwise

from django.utils import translation

from generation.animatic.prop_placement import place_props
from generation.animatic.props import ARTWORK, HERE, load_props
from generation.animatic.scene import Scene, Subject
from generation.animatic.subjects.brush import Brush
from generation.animatic.subjects.prop_drawing import draw_prop
from generation.animatic.understanding import understand
from generation.animatic.understanding.chips import list_choices
from generation.providers.adapters.local.labels import get_label

from .stages import make_stage

PROMPTS = {
    "three penguins in the snow": ("penguin*3", "snowfield"),
    "a girl with a violin on a stage": ("girl violin", "stage"),
    "two red buses on the street": ("bus*2", "street"),
    "a stack of books on a desk": ("books", "room"),
    "an octopus": ("octopus", "sea"),
    "🐧 on the moon": ("penguin", "moon"),
    "草地上有两只兔子": ("rabbit*2", "hill"),
    "一匹马在草原上": ("horse", "hill"),
    "一辆蓝色的拖拉机": ("tractor", "hill"),
    "海辺のペンギン": ("penguin", "sea"),
    "少女が本を読む、教室": ("girl open_book", "classroom"),
    "象が森を歩く": ("elephant", "forest"),
    "a fox runs through the forest": ("fox", "forest"),
}


def list_subjects(scene):
    return " ".join(s.kind + (f"*{s.count}" if s.count > 1 else "") for s in scene.subjects)


def test_prompts_in_three_languages_find_their_props():
    found = {prompt: understand(prompt) for prompt in PROMPTS}

    assert {p: (list_subjects(u.scene), u.scene.place) for p, u in found.items()} == PROMPTS
    assert [u.unknown for u in found.values() if u.unknown] == []


def test_words_that_the_animatic_knows_keep_their_meaning():
    for prompt, expected in (
        ("a girl in bed", "girl"), ("a girl with chestnut hair", "girl"), ("the camera follows a boy", "boy"),
        ("pencil drawing of a cat", "cat"), ("a storybook girl", "girl"), ("床上的女孩", "girl"),
        ("絵本風の少女", "girl"),
    ):  # fmt: skip
        found = understand(prompt).scene.subjects
        assert " ".join(s.kind for s in found if s.kind in (expected, *load_props())) == expected


def test_words_inside_other_words_are_no_props():
    for prompt in (
        "马上下雨",
        "书架旁的女孩",
        "静かにする少女",
        "クリスマスの夜",
        "バランスを取る少年",
        "鏡台の前の女性",
        "TV anime style",
        "a paper plane",
        "for the sake of it",
    ):
        assert not [s for s in understand(prompt).scene.subjects if s.kind in load_props()], prompt


def test_every_prop_has_a_picture_that_draws():
    stage = make_stage()
    with zipfile.ZipFile(ARTWORK) as archive:
        kinds = archive.namelist()

    assert set(kinds) == {kind for kind, prop in load_props().items() if not prop.drawn}
    empty = [k for k in kinds if draw_prop(Brush(stage, 0.25), k, 40).finished()[..., 3].max() < 200]

    assert empty == []


def test_colour_of_the_prompt_replaces_the_main_colour():
    (tractor,) = understand("a red tractor").scene.subjects
    brush = Brush(make_stage(), 1.0)

    plain, red = (draw_prop(brush, "tractor", 60, colour).finished() for colour in ("", tractor.clothes_colour))

    assert red[..., 2].sum() > 1.2 * plain[..., 2].sum()
    assert red[..., 1].sum() < plain[..., 1].sum()


def test_props_stay_in_the_frame_and_do_not_hide_each_other():
    stage = make_stage()
    kinds = ("bus", "giraffe", "penguin", "chair")
    scene = Scene(place="hill", subjects=tuple(Subject(kind) for kind in kinds))

    spot = replace(stage.spots[0], ends=(-math.inf, math.inf))  # as on a jetty that reaches beyond the frame
    layers = [layer for layer in place_props(stage, scene, spot, []) if "prop" in layer.name]

    boxes = sorted((layer.x, layer.x + layer.image.shape[1]) for layer in layers if "shadow" not in layer.name)
    assert len(boxes) == len(kinds)
    assert boxes[0][0] > 0 and boxes[-1][1] < stage.width
    overlaps = [before[1] - after[0] for before, after in pairwise(boxes)]
    assert max(overlaps) < 0.03 * stage.width


def test_what_a_place_has_no_room_for_is_listed_as_not_drawn():
    for prompt, unknown in (
        ("a red bus in a classroom", ("bus",)), ("a shark in the forest", ("shark",)),
        ("an apple, a pear, a lemon, a peach and a melon", ("melon",)),
    ):  # fmt: skip
        found = understand(prompt)
        assert found.unknown == unknown
        assert unknown[0] not in " ".join(chip.text for chip in found.chips)


def test_chips_of_props_can_be_switched_off_and_changed():
    prompt = "two penguins in the snow"

    assert understand(prompt, chips_off=frozenset({"subject:penguin"})).scene.subjects == ()
    changed = understand(prompt, chips_off=frozenset({"subject:penguin=rabbit"})).scene.subjects
    assert [(s.kind, s.count) for s in changed] == [("rabbit", 2)]
    assert {"rabbit", "cat"} <= set(list_choices("subject", "penguin"))
    assert understand("no penguins in the snow").scene.subjects == ()


def test_chips_of_props_are_named_in_the_language_of_the_reader():
    assert get_label("subject", "penguin") == "Penguin"
    with translation.override("zh-hans"):
        assert get_label("subject", "penguin") == "企鹅"


def test_licences_of_pictures_and_names_are_included():
    assert "Microsoft" in (HERE / "LICENSE-FLUENT-EMOJI.txt").read_text("utf-8")
    assert "UNICODE LICENSE" in (HERE / "LICENSE-UNICODE.txt").read_text("utf-8")
