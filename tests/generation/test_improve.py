"""Improving a prompt by rules adds what it leaves open, in its own language, and says so."""

import pytest

from generation.animatic.understanding import understand
from generation.prompts.improve import compare_words, improve_by_rules, load_phrases


def test_each_phrase_is_understood_as_what_it_stands_for(subtests):
    phrases = load_phrases()
    for place, words in phrases["places"].items():
        assert [understand(text).scene.place for text in words.values()] == [place] * 3
    for time, words in phrases["lights"].items():
        assert [understand(text).scene.time for text in words.values()] == [time] * 3


def test_rules_add_only_what_is_open_in_the_language_of_the_prompt():
    whole = "a girl on a hill at sunset, petals, slow push-in"
    assert improve_by_rules(whole) == whole
    assert improve_by_rules("a cat") == (
        "a cat, in a small room, at sunset, warm light. Dust drifts in the light. Slow push-in."
    )
    assert improve_by_rules("a cat", over_picture=True).endswith(". Slow push-in.")
    assert "room" not in improve_by_rules("a cat", over_picture=True)
    chosen = frozenset({"place", "light", "camera"})
    assert improve_by_rules("a cat", chosen=chosen) == "a cat. Dust drifts in the light."
    assert improve_by_rules("a cat", variation=1) != improve_by_rules("a cat")
    assert improve_by_rules("一只猫").startswith("一只猫，在") and improve_by_rules("猫が踊る").startswith("猫が踊る、")
    assert len(improve_by_rules("a cat", limit=30)) <= 30


def test_difference_is_shown_word_by_word():
    assert compare_words("a cat runs", "a dog runs") == [
        ("same", "a "), ("deleted", "cat"), ("added", "dog"), ("same", " runs"),
    ]  # fmt: skip
    assert compare_words("猫跑", "猫飞跑") == [("same", "猫"), ("added", "飞"), ("same", "跑")]


@pytest.mark.django_db
def test_suggestion_changes_nothing_by_itself_and_says_that_it_is_rule_based(sign_in, mika):
    answer = sign_in(mika).post("/prompts/improve/", {"prompt": "a cat", "provider": "animatic"})

    assert "Rule-based" in answer.text and "<ins>" in answer.text
    assert 'name="text" value="a cat, in a small room' in answer.text  # the form without JavaScript
