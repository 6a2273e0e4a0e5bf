"""The same character looks the same in every animatic of a story, and speaks with their own mouth."""

from generation.providers.animatic.continuity import with_story
from generation.providers.animatic.understanding import understand

AKI = {"name": "Aki", "kind": "person", "description": "a girl with long red hair in a yukata"}


def scene(words, **options):
    return with_story(understand(words, seed=1).scene, options)


def test_a_character_keeps_the_looks_of_the_description():
    for words in ("a girl on a hill", "a girl runs through the rain"):
        (aki,) = scene(words, cast=[AKI]).subjects

        assert (aki.name, aki.hair_style, aki.clothes) == ("Aki", "long", "yukata")
        assert aki.hair_colour


def test_what_the_shot_itself_says_wins():
    (aki,) = scene("a girl in a coat", cast=[AKI]).subjects

    assert aki.clothes == "coat"


def test_a_character_that_the_words_do_not_name_is_there_all_the_same():
    subjects = scene("a quiet harbour at night with nobody in it", cast=[AKI]).subjects

    assert [each.name for each in subjects] == ["Aki"]


def test_two_characters_are_two_people():
    ken = {"name": "Ken", "kind": "person", "description": "a boy with spiky hair"}

    subjects = scene("a girl and a boy at the fence", cast=[ken, AKI]).subjects

    assert {each.name: each.kind for each in subjects} == {"Aki": "girl", "Ken": "boy"}


def test_nobody_takes_the_place_of_another_one():
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


def test_a_heading_says_more_of_the_place_than_the_things_in_the_shot():
    lanterns = "Lanterns along the water."

    assert scene(lanterns).place == "shrine"
    assert scene(lanterns, place_name="Harbour").place == "sea"
    assert scene(lanterns, place_name="港").place == "sea"
    assert scene(lanterns, place_name="Onomichi").place == "shrine"
    assert scene(lanterns, place_name="The old sea captain's den").place == "shrine"
    assert (
        with_story(understand(lanterns, seed=1).scene, {"place_name": "Harbour", "place": "shrine"}).place == "shrine"
    )


def test_the_line_is_spoken_by_its_speaker():
    ken = {"name": "Ken", "kind": "person", "description": "a boy"}

    subjects = scene("a girl and a boy", cast=[AKI, ken], line="Wait!", speaker="Ken").subjects

    assert {each.name: each.line for each in subjects} == {"Aki": "", "Ken": "Wait!"}


def test_a_place_keeps_its_geography_by_its_name():
    assert scene("the sea", place_name="Onomichi").place_name == "Onomichi"
    assert scene("the sea", cast=[{"name": "Old harbour", "kind": "place"}]).place_name == "Old harbour"


def test_without_a_story_nothing_changes():
    understood = understand("a girl on a hill", seed=1).scene

    assert with_story(understood, {}) == understood
