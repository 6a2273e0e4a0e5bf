"""Who comes back in several scenes without being a character, and is offered to be kept."""

import pytest

from studio.characters.recurring import find_recurring

pytestmark = pytest.mark.django_db


@pytest.fixture
def find_offered(mika, create_story, scenes):
    """``find_offered("Mika waits", "Mika runs")`` returns whom a story of these scenes offers to keep."""

    def find(*prompts):
        story = create_story(mika, *prompts)
        return [offer.names for offer in find_recurring(story, scenes(story))]

    return find


@pytest.mark.parametrize(
    "prompts",
    [
        ("Lamps glow as The keeper sleeps", "The waves rise", "The sea is dark, The rain stops"),
        ("We see him, He turns", "He runs on", "A door opens and It creaks", "It closes"),
        ("Night falls, Then nobody moves", "Then a door opens, Their lamp glows", "Their lamp goes out"),
        ("Rain falls", "Wind blows", "Wind stops"),
        ("妈妈叫他们在门口等", "他们在海边看日出"),
        ("老师叫大家在教室里坐好", "大家在教室里笑"),
    ],
)
def test_no_function_word_is_offered_as_a_character(find_offered, prompts):
    assert find_offered(*prompts) == []


@pytest.mark.parametrize(
    ("prompts", "offered"),
    [
        (("At dusk Suzu waits", "Then Suzu runs", "The rain stops"), ["Suzu"]),
        (("一个女孩名叫小美，在海边", "小美看着海", "他们走了"), ["小美"]),
        (("A dog called The Duke finds a letter", "The dog runs back"), ["Duke"]),
    ],
)
def test_names_beside_function_words_are_offered(find_offered, prompts, offered):
    assert find_offered(*prompts) == offered
