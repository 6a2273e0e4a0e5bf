"""A character looks the same in every animatic of a story and speaks its own lines."""

import pytest

from generation.animatic.continuity import apply_story_place, find_heading_place, understand_in_story
from generation.animatic.names import hash_name
from generation.animatic.render import create_stage
from generation.animatic.understanding import understand
from generation.providers.adapters.local import provider as local_provider
from generation.providers.adapters.local.options import apply_options
from generation.providers.base import ClipRequest, Watch

AKI = {"name": "Aki", "kind": "person", "description": "a girl with long red hair in a yukata"}


def understand_scene(prompt, **options):
    return understand_in_story(prompt, options, seed=1).scene


def place_scene(prompt, *, seed=1, **options):
    understood = understand(prompt, seed=seed)
    return apply_story_place(understood.scene, options, understood.chips)


def test_a_character_keeps_its_described_look():
    for prompt in ("a girl on a hill", "a girl runs through the rain"):
        (aki,) = understand_scene(prompt, cast=[AKI]).subjects

        assert (aki.name, aki.hair_style, aki.clothes) == ("Aki", "long", "yukata")
        assert aki.hair_colour


def test_the_prompt_overrides_the_character():
    (aki,) = understand_scene("a girl in a coat", cast=[AKI]).subjects

    assert aki.clothes == "coat"


def test_a_cast_character_appears_without_being_named():
    subjects = understand_scene("a quiet harbour at night with nobody in it", cast=[AKI]).subjects

    assert [subject.name for subject in subjects] == ["Aki"]


def test_two_characters_are_two_people():
    ken = {"name": "Ken", "kind": "person", "description": "a boy with spiky hair"}

    subjects = understand_scene("a girl and a boy at the fence", cast=[ken, AKI]).subjects

    assert {subject.name: subject.kind for subject in subjects} == {"Aki": "girl", "Ken": "boy"}


def test_characters_do_not_replace_each_other():
    ken = {"name": "Ken", "kind": "person", "description": "a boy in a white shirt"}
    child = {"name": "Aki", "kind": "person", "description": "a child"}

    for cast in ([AKI, ken], [ken, AKI]):
        subjects = understand_scene("a boy in a white shirt sits at the window", cast=cast).subjects
        assert {subject.name: (subject.kind, subject.action) for subject in subjects} == {
            "Ken": ("boy", "sit"),
            "Aki": ("girl", ""),
        }
    for person in ("a boy", "an old man"):
        subjects = understand_scene(f"{person} sits at the window", cast=[AKI]).subjects
        assert [subject.name for subject in subjects] == ["", "Aki"]
    assert [subject.name for subject in understand_scene("a girl sits at the window", cast=[child]).subjects] == ["Aki"]


def test_the_heading_decides_the_place():
    lanterns = "Lanterns along the water."

    assert place_scene(lanterns).place == "shrine"
    assert place_scene(lanterns, place_name="Harbour").place == "sea"
    assert place_scene(lanterns, place_name="港").place == "sea"
    assert find_heading_place("The old sea captain's den") == ""
    assert apply_options(place_scene(lanterns, place_name="Harbour"), {"place": "shrine"}).place == "shrine"


@pytest.mark.parametrize("name", ["Onomichi", "尾道", "The old sea captain's den"])
def test_a_named_place_is_the_same_kind_of_place_in_every_shot(name):
    shots = ("A girl waits.", "Lanterns.", "A cat sleeps in the rain.", "Two dogs run.", "")
    scenes = [place_scene(prompt, seed=seed, place_name=name) for prompt in shots for seed in range(8)]

    assert len({scene.place for scene in scenes}) == 1
    assert place_scene("A girl waits on the platform.", place_name=name).place == "platform"
    assert {place_scene("A girl waits.", place_name=f"{name} {turn}").place for turn in range(20)} > {scenes[0].place}
    assert place_scene(f"No {scenes[0].place}.", place_name=name).place != scenes[0].place


def test_a_place_follows_its_description():
    harbour = {"name": "Minato", "kind": "place", "description": "a small harbour"}

    assert place_scene("a girl waits", cast=[harbour]).place == "sea"
    assert place_scene("a girl waits", cast=[harbour], place_name=" minato").place == "sea"
    assert place_scene("a girl waits", cast=[{**harbour, "name": "Minato station"}]).place == "platform"


def test_the_line_is_spoken_by_its_speaker():
    ken = {"name": "Ken", "kind": "person", "description": "a boy"}

    subjects = understand_scene("a girl and a boy", cast=[AKI, ken], line="Wait!", speaker="Ken").subjects

    assert {subject.name: subject.line for subject in subjects} == {"Aki": "", "Ken": "Wait!"}


def test_a_place_keeps_its_geography_by_its_name():
    assert place_scene("the sea", place_name="Onomichi").place_name == "Onomichi"
    assert place_scene("the sea", cast=[{"name": "Old harbour", "kind": "place"}]).place_name == "Old harbour"


def test_without_a_story_nothing_changes():
    alone = understand("a girl on a hill", seed=1)

    assert understand_in_story("a girl on a hill", {}, seed=1) == alone
    assert apply_story_place(alone.scene, {}) == alone.scene


def test_every_shot_of_a_named_place_has_the_same_geography(monkeypatch, tmp_path):
    shots = []
    monkeypatch.setattr("generation.animatic.render.render", lambda shot, *_, **__: shots.append(shot))
    watch = Watch(progress=lambda *_: None, is_cancelled=lambda: False)
    for seed, prompt in enumerate(("A girl waits.", "A cat sleeps.", "Rain.", "A girl waits on the platform.")):
        options = {"place_name": "Onomichi", "sound": "place"}
        request = ClipRequest(prompt, "16:9", 2, 480, seed, options=options, chips_off=frozenset(("place:platform",)))
        local_provider.AnimaticProvider().draw(request, tmp_path / "clip.mp4", watch)

    assert len({shot.scene.place for shot in shots}) == 1, "a chip that is off must not decide the place"
    assert {create_stage(shot).place_seed for shot in shots} == {hash_name("Onomichi")}
