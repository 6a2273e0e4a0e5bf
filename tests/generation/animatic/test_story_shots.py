"""A story character named in a prompt: its action, view, speech and consistent look."""

from collections import defaultdict
from itertools import pairwise

import cv2
import numpy as np
import pytest

from generation.animatic.compositor import Compositor
from generation.animatic.continuity import apply_story_place, understand_in_story
from generation.animatic.render import ShotRenderer, build_parts
from generation.animatic.scene import Shot
from generation.animatic.understanding.lexicon import load_table
from tests.generation.animatic.stages import find_layer, render_layers

MIKA = {"name": "Mika", "kind": "person", "description": "a girl with long red hair and glasses in a yukata"}
KEN = {"name": "Ken", "kind": "person", "description": "a boy with spiky hair in a hoodie"}
XUE = {"name": "小雪", "kind": "person", "description": "短发女孩"}
OPA = {"name": "Grandfather", "kind": "person", "description": ""}


def understand_scene(prompt, *cast, seed=1, **options):
    return understand_in_story(prompt, {"cast": list(cast), **options}, seed=seed).scene


def make_shot(drawn, seed=1):
    return Shot(drawn, seed, 320, 180, 2.0)


def find_subjects(prompt, *cast, **options):
    return {subject.name: subject for subject in understand_scene(prompt, *cast, **options).subjects}


@pytest.mark.parametrize(
    ("prompt", "cast", "name", "view", "action", "expression"),
    [
        ("Mika runs along the beach.", (MIKA,), "Mika", "side", "run", "calm"),
        ("Close-up of Mika, crying.", (MIKA,), "Mika", "front", "", "crying"),
        ("Mika runs, crying, close-up.", (MIKA,), "Mika", "front", "run", "crying"),
        ("MIKA sits on the roof, seen from behind.", (MIKA,), "Mika", "back", "sit", "calm"),
        ("Mika's hands are cold. She smiles.", (MIKA, KEN), "Mika", "front", "", "smile"),
        ("小雪在雨里奔跑，特写，哭泣", (XUE,), "小雪", "front", "run", "crying"),
        ("The old man waits. Grandfather smiles.", (OPA,), "Grandfather", "front", "stand", "smile"),
        ("A girl named Mika walks home.", (MIKA,), "Mika", "side", "walk", "calm"),
        ("Ken waves.", (KEN,), "Ken", "front", "wave", "calm"),
        ("Ken smiles and waves by the waves.", (KEN,), "Ken", "front", "wave", "smile"),
    ],
)
def test_a_named_character_does_and_feels_what_the_prompt_says(prompt, cast, name, view, action, expression):
    found = find_subjects(prompt, *cast)

    assert set(found) == {character["name"] for character in cast}
    assert (found[name].view, found[name].action, found[name].expression) == (view, action, expression)


@pytest.mark.parametrize(("name", "prompt"), [("王小明", "小明在雨中跑"), ("Captain Jack", "Jack runs")])
def test_part_of_a_name_adds_no_other_character(name, prompt):
    assert set(find_subjects(prompt, {"name": name, "description": ""})) == {name}


@pytest.mark.parametrize(
    ("name", "description", "kind"),
    [
        ("Aki", "long blue hair, brave", "girl"),
        ("Kenji", "long blue hair, brave", "boy"),
        ("Aki", "蓝色长发，勇敢", "girl"),
        ("小明", "蓝色长发", "boy"),
        ("Aki", "Tom runs beside her, long blue hair", "girl"),
    ],
)
def test_a_description_of_looks_alone_describes_a_person(name, description, kind):
    """People mentioned in passing are not the ones described."""
    found = find_subjects("", {"name": name, "description": description})[name]

    assert (found.kind, found.hair_style, found.hair_colour) == (kind, "long", load_table("colours")["hair"]["blue"])


def test_two_characters_have_separate_actions():
    found = find_subjects("Mika sits by the window. Ken walks past. Mika cries.", MIKA, KEN)

    assert {name: (subject.action, subject.expression) for name, subject in found.items()} == {
        "Mika": ("sit", "crying"),
        "Ken": ("walk", "calm"),
    }
    assert {subject.action for subject in find_subjects("Mika and Ken run through the rain", MIKA, KEN).values()} == {
        "run"
    }


def test_another_person_beside_a_named_character_is_unnamed():
    assert [subject.name for subject in understand_scene("Mika looks at another girl", MIKA).subjects] == ["Mika", ""]
    assert [subject.name for subject in understand_scene("Mika and a girl sit on the roof", MIKA).subjects] == [
        "Mika",
        "",
    ]
    assert [
        subject.name for subject in understand_scene("Mika stands on the hill. The girl waits.", MIKA).subjects
    ] == ["Mika"]


def test_a_common_word_is_a_name_only_when_capitalised():
    rose = {"name": "Rose", "kind": "person", "description": "a woman"}

    assert find_subjects("Rose runs on the beach", rose)["Rose"].action == "run"
    assert find_subjects("a cat runs past a rose", rose)["Rose"].action == ""


@pytest.mark.parametrize(
    ("prompt", "action"),
    [
        ("She quietly waves", "wave"), ("two girls in blue yukata wave", "wave"), ("a girl and waves", ""),
        ("a girl by the waves", ""), ("her coat waves in the wind", ""), ("the waves, a girl", ""),
    ],
)  # fmt: skip
def test_waves_is_an_action_only_directly_after_its_subject(prompt, action):
    drawn = understand_scene(prompt)

    assert drawn.subjects[0].action == action
    assert action or drawn.place == "sea"


def test_described_glasses_and_eyes_do_not_change_the_view():
    blue = {**MIKA, "colours": ["#c03030", "#3f7f8a", "#3f7fe0"]}

    assert find_subjects("Mika walks home", blue)["Mika"].view == "side"
    assert find_subjects("Mika walks home", blue)["Mika"].accessories == ("glasses",)


@pytest.mark.parametrize("cast", [(MIKA,), ()])
def test_a_speaker_is_seen_from_the_front(cast):
    found = find_subjects("Mika speaks.", *cast, line="Wait for me!", speaker="MIKA")

    assert [(subject.view, subject.line) for subject in found.values()] == [("front", "Wait for me!")]


def test_an_absent_speaker_gives_nobody_the_line():
    assert find_subjects("Mika waits at the harbour", MIKA, line="Hello!", speaker="Ken")["Mika"].line == ""
    assert find_subjects("Mika waits at the harbour", MIKA, line="Hello!")["Mika"].line == "Hello!"


@pytest.mark.parametrize("prompt", ["Mika speaks on the roof.", "Mika on the roof, from the side."])
def test_the_mouth_of_a_speaker_opens_and_closes(prompt):
    line = {"line": "Wait for me, will you please?", "speaker": "Mika"}
    stage, parts = build_parts(Shot(understand_scene(prompt, MIKA, place="rooftop", **line), 1, 640, 360, 2.0))
    shut = [part for part in parts if "mouth" not in part.name or part.name.endswith("mouth 0")]

    def count_open_pixels(t):
        """Return the number of pixels of an open mouth."""
        return int(
            (np.abs(render_layers(stage, parts, t).astype(int) - render_layers(stage, shut, t)).max(-1) > 30).sum()
        )

    open_pixels = [count_open_pixels(t) for t in np.arange(0.05, 1.9, 0.15)]

    assert open_pixels[0] == 0 and max(open_pixels) >= 3
    assert sum(one != other for one, other in pairwise(open_pixels)) > 4


def median_colours(prompt, name, seed):
    """Return the drawn colours of hair and clothes of a front-view character."""
    drawn = understand_scene(prompt, MIKA, KEN, seed=seed)
    kind = next(subject.kind for subject in drawn.subjects if subject.name == name)
    _, parts = build_parts(make_shot(drawn, seed))
    out = []
    for part in ("fringe", "body"):
        layer = find_layer(parts, f"{kind} 0 {part}")
        out.append(np.median(layer.image[layer.image[..., 3] == 255][:, :3], axis=0))
    return np.array(out)


def test_a_character_keeps_face_hair_and_clothes_in_every_clip():
    first = median_colours("Close-up of Mika and Ken on the roof by day", "Mika", 1)
    again = median_colours("Ken waits. Mika smiles at the sea on a bright day", "Mika", 9)
    other = median_colours("Ken waits. Mika smiles at the sea on a bright day", "Ken", 9)

    assert np.abs(first - again).max() < 6
    assert np.abs(first - other).max() > 40


STORY = (
    "Close-up of Mika and Ken on the roof by day",
    "Ken smiles, Mika smiles at the sea, on a bright day",
    "Mika waits at the shrine, Ken waits, close-up, at sunset",
    "Close-up of Ken and Mika in the street in the rain at night",
)


def find_mask(film, layer, t):
    """Return a mask of the pixels that a layer covers at ``t`` seconds."""
    return Compositor(film.stage, [layer], film.compositor.view).frame(t)[..., :3].max(-1) > 40


def measure_looks(prompt, seed):
    """Return name → median colours (L*a*b*) of hair, clothes and skin in finished frames of one clip."""
    drawn = understand_scene(prompt, MIKA, KEN, seed=seed)
    film = ShotRenderer(Shot(drawn, seed, 160, 90, 2.0))
    layers = {part.layer.name: part.layer for part in film.compositor.parts if hasattr(part, "layer")}
    pixels = defaultdict(list)
    for t in (0.2, 1.8):
        frame = cv2.cvtColor(film.frame(t)[..., :3].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
        for subject in drawn.subjects:
            hair, clothes, head = (
                find_mask(film, layers[f"{subject.kind} 0 {part}"], t) for part in ("fringe", "body", "head")
            )
            for n, mask in enumerate((hair, clothes, head & ~hair)):
                pixels[subject.name, n].append(frame[mask])
    names = {name for name, _ in pixels}
    return {name: np.array([np.median(np.vstack(pixels[name, n]), axis=0) for n in range(3)]) for name in names}


def test_two_characters_look_the_same_throughout_a_story():
    clips = [measure_looks(prompt, seed) for seed, prompt in enumerate(STORY, 1)]
    one, same = clips[:2]  # in the same light

    for name, other in (("Mika", "Ken"), ("Ken", "Mika")):
        assert np.abs(one[name] - same[name]).max() < 6
        for clip in clips:  # dusk and rain darken everybody, so hues are compared
            hues, own, others = clip[name][:, 1:], one[name][:, 1:], one[other][:, 1:]
            assert np.linalg.norm(hues - own) < np.linalg.norm(hues - others) / 2
    for clip in clips:
        hair, clothes, _skin = np.linalg.norm(clip["Mika"] - clip["Ken"], axis=1)
        assert min(hair, clothes) > 20


def test_tears_and_actions_of_a_character_are_drawn():
    def names(prompt):
        return {part.name for part in build_parts(make_shot(understand_scene(prompt, MIKA)))[1]}

    assert any("tear" in name for name in names("Close-up of Mika, crying."))
    assert not any("tear" in name for name in names("Mika stands on the hill."))
    assert any("shin" in name for name in names("Mika runs."))


@pytest.mark.parametrize(
    ("heading", "prompt", "place", "outside"),
    [
        ("Ramen shop on the moon", "Mika waits.", "shop", "moon"),
        ("Ramen shop", "Mika waits in the ramen shop on the moon.", "shop", "moon"),
        ("Hill", "Mika waits in the ramen shop on the moon.", "hill", ""),
    ],
)
def test_a_heading_names_an_interior_and_what_is_outside(heading, prompt, place, outside):
    scene = apply_story_place(understand_scene(prompt, MIKA), {"place_name": heading})

    assert (scene.place, scene.outside, scene.place_name) == (place, outside, heading)
