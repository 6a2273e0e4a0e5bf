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


def scene(words, **options):
    return understand_in_story(words, options, seed=1).scene


def where(words, *, seed=1, **options):
    found = understand(words, seed=seed)
    return apply_story_place(found.scene, options, found.chips)


def test_a_character_keeps_its_described_look():
    for words in ("a girl on a hill", "a girl runs through the rain"):
        (aki,) = scene(words, cast=[AKI]).subjects

        assert (aki.name, aki.hair_style, aki.clothes) == ("Aki", "long", "yukata")
        assert aki.hair_colour


def test_the_prompt_overrides_the_character():
    (aki,) = scene("a girl in a coat", cast=[AKI]).subjects

    assert aki.clothes == "coat"


def test_a_cast_character_appears_without_being_named():
    subjects = scene("a quiet harbour at night with nobody in it", cast=[AKI]).subjects

    assert [each.name for each in subjects] == ["Aki"]


def test_two_characters_are_two_people():
    ken = {"name": "Ken", "kind": "person", "description": "a boy with spiky hair"}

    subjects = scene("a girl and a boy at the fence", cast=[ken, AKI]).subjects

    assert {each.name: each.kind for each in subjects} == {"Aki": "girl", "Ken": "boy"}


def test_characters_do_not_replace_each_other():
    ken = {"name": "Ken", "kind": "person", "description": "a boy in a white shirt"}
    child = {"name": "Aki", "kind": "person", "description": "a child"}

    for cast in ([AKI, ken], [ken, AKI]):
        subjects = scene("a boy in a white shirt sits at the window", cast=cast).subjects
        assert {each.name: (each.kind, each.action) for each in subjects} == {
            "Ken": ("boy", "sit"),
            "Aki": ("girl", ""),
        }
    for somebody in ("a boy", "an old man"):
        subjects = scene(f"{somebody} sits at the window", cast=[AKI]).subjects
        assert [each.name for each in subjects] == ["", "Aki"]
    assert [each.name for each in scene("a girl sits at the window", cast=[child]).subjects] == ["Aki"]


def test_the_heading_decides_the_place():
    lanterns = "Lanterns along the water."

    assert where(lanterns).place == "shrine"
    assert where(lanterns, place_name="Harbour").place == "sea"
    assert where(lanterns, place_name="港").place == "sea"
    assert find_heading_place("The old sea captain's den") == ""
    assert apply_options(where(lanterns, place_name="Harbour"), {"place": "shrine"}).place == "shrine"


@pytest.mark.parametrize("name", ["Onomichi", "尾道", "The old sea captain's den"])
def test_a_named_place_is_the_same_kind_of_place_in_every_shot(name):
    shots = ("A girl waits.", "Lanterns.", "A cat sleeps in the rain.", "Two dogs run.", "")
    scenes = [where(words, seed=seed, place_name=name) for words in shots for seed in range(8)]

    assert len({scene.place for scene in scenes}) == 1
    assert where("A girl waits on the platform.", place_name=name).place == "platform"
    assert {where("A girl waits.", place_name=f"{name} {turn}").place for turn in range(20)} > {scenes[0].place}
    assert where(f"No {scenes[0].place}.", place_name=name).place != scenes[0].place


def test_a_place_follows_its_description():
    home = {"name": "Minato", "kind": "place", "description": "a small harbour"}

    assert where("a girl waits", cast=[home]).place == "sea"
    assert where("a girl waits", cast=[home], place_name=" minato").place == "sea"
    assert where("a girl waits", cast=[{**home, "name": "Minato station"}]).place == "platform"


def test_the_line_is_spoken_by_its_speaker():
    ken = {"name": "Ken", "kind": "person", "description": "a boy"}

    subjects = scene("a girl and a boy", cast=[AKI, ken], line="Wait!", speaker="Ken").subjects

    assert {each.name: each.line for each in subjects} == {"Aki": "", "Ken": "Wait!"}


def test_a_place_keeps_its_geography_by_its_name():
    assert where("the sea", place_name="Onomichi").place_name == "Onomichi"
    assert where("the sea", cast=[{"name": "Old harbour", "kind": "place"}]).place_name == "Old harbour"


def test_without_a_story_nothing_changes():
    alone = understand("a girl on a hill", seed=1)

    assert understand_in_story("a girl on a hill", {}, seed=1) == alone
    assert apply_story_place(alone.scene, {}) == alone.scene


def test_every_shot_of_a_named_place_has_the_same_geography(monkeypatch, tmp_path):
    shots = []
    monkeypatch.setattr(local_provider, "render", lambda shot, *_, **__: shots.append(shot))
    watch = Watch(progress=lambda *_: None, is_cancelled=lambda: False)
    for seed, words in enumerate(("A girl waits.", "A cat sleeps.", "Rain.", "A girl waits on the platform.")):
        options = {"place_name": "Onomichi", "sound": "place"}
        request = ClipRequest(words, "16:9", 2, 480, seed, options=options, chips_off=frozenset(("place:platform",)))
        local_provider.AnimaticProvider().draw(request, tmp_path / "clip.mp4", watch)

    assert len({shot.scene.place for shot in shots}) == 1, "what is switched off says nothing"
    assert {create_stage(shot).place_seed for shot in shots} == {hash_name("Onomichi")}
