"""Prose and scripts keep their own scenes; their characters get a kind and colours."""

import pytest

from studio.breakdown import parser
from studio.breakdown.text import break_down

PROSE = """The old harbour was quiet at dusk. Mika sat on the wall and counted boats.
“There are fewer every year,” she said.

A grey dog came along the pier. It sat down next to Mika. The dog looked at the sea.

At the lighthouse the lamp went on. Mika stood up and whistled. The dog followed her home, and the rain began."""
SCRIPT = "INT. KITCHEN - NIGHT\n\nA fox waits.\n\nANNA\nTea?\n\nEXT. GARDEN - DAY\n\nThe fox runs. Anna laughs."
CHINESE = "女孩在车站等火车。天快黑了，雪开始下。\n\n女孩走进小店，买了一杯热茶。\n\n夜里，火车终于来了。女孩上了车。"


@pytest.mark.parametrize(
    ("text", "kind", "places", "people"),
    [
        (PROSE, "prose", ["Old harbour", "Pier", "Lighthouse"], {("Mika", "person"): 3, ("Dog", "animal"): 2}),
        (SCRIPT, "fountain", ["Kitchen", "Garden"], {("Anna", "person"): 2, ("Fox", "animal"): 2}),
        (CHINESE, "prose", ["车站", "小店", "火车"], {("女孩", "person"): 3}),
    ],
    ids=["prose", "script", "chinese"],
)
def test_a_text_keeps_its_scenes_and_gets_characters(text, kind, places, people):
    found = break_down(text, scenes=5, seconds=4)

    assert found.format == kind
    assert [shot.place for shot in found.shots] == places
    characters = [row for row in found.people if row.kind != "place"]
    assert {(row.name, row.kind): row.scenes for row in characters} == people
    assert all(row.colours for row in characters)


@pytest.mark.parametrize(("scenes", "seconds"), [(4, 4), (5, 4), (8, 5), (12, 5)])
def test_an_idea_has_the_asked_number_of_scenes_and_seconds(scenes, seconds):
    found = break_down("Two cats run a ramen shop on the moon.", scenes=scenes, seconds=seconds)

    assert [shot.seconds for shot in found.shots] == [seconds] * scenes


def test_one_sentence_of_350_characters_is_an_idea_to_the_parser_too():
    text = f"A girl walks home {'slowly ' * 47}."

    assert 300 < len(text) <= parser.MAX_IDEA
    assert (parser.detect_format(text), break_down(text).format) == ("idea", "idea")
