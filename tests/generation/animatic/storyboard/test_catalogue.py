"""Rows of the storyboard's TOML files: complete, named in three languages, and no word twice."""

import zipfile
from collections import Counter

import pytest

from generation.animatic.storyboard.catalogue import (
    HERE,
    LANGUAGES,
    find_metres,
    load_animals,
    load_poses,
    load_roles,
    load_sizes,
    load_thing_words,
)
from generation.animatic.storyboard.measures import measure_thing


def test_there_are_enough_roles_animals_and_poses():
    assert len(load_roles()) >= 80
    assert len(load_animals()) >= 90
    assert len(load_poses()) >= 45


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_means_one_role_or_animal_and_one_pose(language):
    people = [word for row in (*load_roles().values(), *load_animals().values()) for word in row.words[language]]
    verbs = [word for row in load_poses().values() for word in row.words[language]]

    assert [word for words in (people, verbs) for word, count in Counter(words).items() if count > 1] == []
    assert [name for name, row in (load_roles() | load_animals()).items() if not row.words[language]] == []


def test_every_picture_has_a_size_and_every_named_one_has_words():
    with zipfile.ZipFile(HERE / "things.zip") as archive:
        assert set(archive.namelist()) <= set(load_sizes())
    named = {name for name, size in load_sizes().items() if size.is_named}

    for language in LANGUAGES:
        words = load_thing_words(language)
        assert set(words) == named
        assert [name for name, row in words.items() if not row] == []


def test_a_role_does_not_hide_an_animal():
    assert set(load_roles()) & set(load_animals()) == set()
    assert find_metres("cat") == 0.34
    assert find_metres("giant") == pytest.approx(3.23)
    assert find_metres("bicycle") == 1.1
    assert find_metres("no such thing") is None


def test_a_tool_without_a_picture_has_a_size_and_is_held():
    assert find_metres("net") == 1.0
    assert measure_thing("net")[0] == "hand"
