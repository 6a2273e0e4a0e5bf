"""Parsed texts: places, times, people, actions and lines are found in every format."""

import time
from contextlib import suppress

import pytest

from studio.breakdown.parser import parse_text
from studio.parsing.drafts import Unreadable
from tests.matrix import deep_except
from tests.studio.breakdown.texts import CASES


def describe(shot):
    parts = [shot.action]
    parts += [f"at {shot.place}"] if shot.place else []
    parts += [shot.time] if shot.time else []
    parts += [f"{shot.speaker}> {shot.line}"] if shot.line else []
    parts += [f"with {', '.join(shot.who)}"] if shot.who else []
    for name, value in (("camera", shot.camera), ("then", shot.join), ("note", shot.note)):
        parts += [f"{name} {value}"] if value else []
    return " | ".join(parts)


def test_there_are_more_than_40_texts_in_three_languages_and_five_formats():
    assert len(CASES) > 40
    assert {kind for _text, kind, _shots in CASES} == {"prose", "fountain", "markdown", "csv", "idea"}


@pytest.mark.parametrize(("text", "kind", "shots"), CASES, ids=[repr(case[0][:24]) for case in CASES])
def test_a_text_becomes_its_scenes(text, kind, shots):
    found = parse_text(text)

    assert found.format == kind
    assert [describe(shot) for shot in found.shots] == shots
    assert all(3 <= shot.seconds <= 10 for shot in found.shots)


def test_the_same_text_gives_the_same_scenes():
    for text, _kind, _shots in CASES:
        assert parse_text(text) == parse_text(text)


def test_windows_line_ends_change_nothing():
    multiline = [text for text, _kind, _shots in CASES if "\n" in text]
    assert multiline
    for text in multiline:
        assert parse_text(text.replace("\n", "\r\n")) == parse_text(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"), (" \n\t ", "empty"), ("。。。！", "no_scenes"), ("x" * 60_001, "too_long"),
        ("a\x00b", "not_text"), ("# Title", "no_scenes"), ("Title: Tea\nAuthor: me", "no_scenes"),
    ],
)  # fmt: skip
def test_a_text_without_scenes_is_refused_with_a_reason(text, code):
    with pytest.raises(Unreadable) as refusal:
        parse_text(text)

    assert refusal.value.code == code


def test_an_idea_longer_than_2000_characters_is_refused():
    with pytest.raises(Unreadable) as refusal:
        parse_text("A cat waits. " * 200, as_format="idea")

    assert refusal.value.code == "long_idea"


def test_what_stands_in_a_boneyard_is_left_out_and_an_open_one_is_kept():
    script = "INT. ROOM - DAY\n\nMika /* not */ waits /* nor this */ here /* open."

    assert parse_text(script).shots[0].action == "Mika  waits  here /* open."


@pytest.mark.parametrize("text", ["a,b\n1,2", "just words", "place\nSea", '"unclosed'])
def test_a_table_without_column_names_is_refused(text):
    with pytest.raises(Unreadable) as refusal:
        parse_text(text, as_format="csv")

    assert refusal.value.code == "no_columns"


def test_at_most_200_scenes_are_found_and_the_rest_is_counted():
    found = parse_text("action\n" + "\n".join(f"Shot {n}" for n in range(250)), name="shots.csv", as_format="markdown")
    table = parse_text("no,action\n" + "\n".join(f"{n},Shot {n}" for n in range(250)))

    assert len(table.shots) == 200
    assert table.left_out == 50
    assert len(found.shots) <= 200


def test_listed_characters_and_recurring_places_are_found():
    found = parse_text("## Cast\n- **Aya**: short hair, red coat\n\n## Pier (night)\n- Aya waits\n- Aya runs")

    assert [(person.name, person.kind, person.description, person.scenes) for person in found.people] == [
        ("Aya", "person", "short hair, red coat", 2),
        ("Pier", "place", "", 2),
    ]


def test_function_words_that_begin_sentences_are_no_characters():
    found = parse_text(
        "Everything stops. Will waits. Yesterday rains.\n\nEverything moves. Will runs. Yesterday returns."
    )

    assert [person.name for person in found.people] == ["Will"]


def test_a_long_paragraph_is_split_into_watchable_shots():
    found = parse_text("\n\n".join(["The boat passes the pier and the people wave at it from the wall. " * 12] * 2))

    assert 8 <= len(found.shots) <= 16
    assert all(len(shot.action) <= 200 for shot in found.shots)


def test_an_endless_sentence_is_split_at_commas():
    found = parse_text("小船慢慢地离开了安静的港口，" * 60, as_format="prose")

    assert len(found.shots) > 5
    assert all(len(shot.action) <= 160 for shot in found.shots)


HOSTILE = {
    "stars": "*a " * 19_000, "quotes": '"' * 59_000, "open quotes": "“a" * 29_000, "brackets": "[" * 59_000,
    "brackets and ends": "[a](" * 14_000, "one word": "a" * 59_000, "commas": "a," * 29_000, "pipes": "|" * 59_000,
    "dashes": "- " * 29_000, "heads": "# a\n" * 14_000, "colons": "A:" * 29_000, "said": "said Mika " * 5_900,
    "capitals": "Mika Ren " * 6_500, "hans": "说" * 59_000, "names": "小米说：" * 14_000, "stops": ". " * 29_000,
    "cues": "AB\nx\n\n" * 9_000, "signs": "INT. A - DAY\n\n" * 4_200, "notes": "[[" * 29_000,
    "spaces": "a" + " " * 59_000,
    "boneyard": "/*" * 29_000, "comments": "<!--" * 14_000, "lines": "a\n" * 29_000, "dots": "INT." + "." * 59_000,
    "dots before a word": "." * 59_000 + "x", "dots in quotes": "“a”. " * 11_000, "at signs": "@" * 59_000 + "x",
    "mentions": "".join(f"@n{n} " for n in range(8_500)), "empty lines": "\n" * 59_000 + "x",
    "a wide heading": "# a" + " " * 58_000 + "!", "a wide sign": "INT. A -" + "\t" * 58_000 + "x",
    "a wide table": "action|line\n" + " " * 58_000 + "x\nfoo", "a wide scene": "Scene 1" + "\u2003" * 58_000 + ")",
    "open boneyards": "INT. ROOM\n\n" + "~/*" * 19_000, "rulers": "# A\n\n" + "|---\n" * 14_000,
    "quotations": "小美说：“你好。”\n" * 5_900, "mixed quotations": '|"a" 水「走」&' * 5_400,
    "initials": "A. " * 19_000, "cast": "# Characters\n" + "".join(f"- n{n}\n" for n in range(6_000)) + "# A\nx",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@Mika (17), a tall, dark-haired girl in a hat, waits.", {"Mika": "a tall, dark-haired girl in a hat"}),
        ("@Mika, a moment later, runs. @Mika laughs.", {"Mika": ""}),
        ("@Mika, 17, a girl with short black hair and a red scarf, waits.",
         {"Mika": "a girl with short black hair and a red scarf"}),
        ("@Mika, a letter from her mother in her hand, waits.", {"Mika": ""}),
        ("@Mika, a boy and a dog run across the bridge.", {"Mika": ""}),
        ("@Mika, a girl with a dog and a cat, waits.", {"Mika": ""}),
        ("@Mika, a girl in the rain, waits.", {"Mika": ""}),
        ("@Mika, a soldier shouts, run!", {"Mika": ""}),
        ("@小夏，一只猫跳上了窗台。", {"小夏": ""}), ("@小夏、一个男孩和一条狗在跑。", {"小夏": ""}),
        ("@ミカ、隣の猫、寝ている。", {"ミカ": ""}),
        ("@Tama, a cat with one eye. It sleeps.", {"Tama": "a cat with one eye"}),
        ("@小美走进来。雨还在下。@小美笑了。", {"小美": ""}),
        ("@欧阳娜娜 走来。@欧阳娜娜笑了。", {"欧阳娜娜": ""}), ("@林夏默默走来。@林夏静静坐着。", {"林夏": ""}),
        ("小夏：走吧！\n\n@小夏默默无语。", {"小夏": ""}), ("@小美和 @阿强 在走。", {"小美": "", "阿强": ""}),
        ("@佐藤美咲が走って、@さくらは泣く。", {"佐藤美咲": "", "さくら": ""}), ("@Mika走进来。", {"Mika": ""}),
        ("@Mika’s hat falls. @Mika laughs.", {"Mika": ""}),
        ("小夏，一个短发的女孩，站在码头。小夏在笑。", {"小夏": "一个短发的女孩"}),
        ("@ミカ、短い髪の少女、走る。", {"ミカ": "短い髪の少女"}),
    ],
)  # fmt: skip
def test_the_description_after_a_name_is_kept(text, people):
    found = parse_text(text, as_format="prose")

    assert {person.name: person.description for person in found.people} == people


def test_a_name_in_capitals_is_the_same_person():
    script = "EXT. PIER - DAY\n\nMIKA, a girl with a red scarf, waits.\n\nINT. ROOM - NIGHT\n\nREN sleeps.\n\n"
    script += "EXT. SEA - DAWN\n\nMIKA looks out. Gulls.\n\nREN\nWait.\n\nEXT. ROOF - DAY\n\nRain.\n\nMIKA\nNo.\n"
    found = parse_text(script).people
    people = {person.name: (person.scenes, person.description) for person in found if person.kind == "person"}

    assert people == {"Mika": (3, "a girl with a red scarf"), "Ren": (2, "")}


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("# The last **lighthouse**\n\n", "The last lighthouse"), ("Title: Rain\n\n# Act one\n\n", "Rain"),
        ("## A scene's name\n\n", "Waves"), ("# Act one\n\n= It begins\n\n", "Waves"),
        ("# 第一幕\n\n", "Waves"), ("# Tea [[draft 3]]\n\n", "Tea"), ("# [[draft 3]]\n\n", "Waves"),
    ],
)  # fmt: skip
def test_the_only_section_before_a_script_is_its_title(above, title):
    assert parse_text(f"{above}EXT. HARBOUR - NIGHT\n\nWaves.\n").title == title


def test_sections_between_scenes_are_not_titles():
    script = "# One\n\nEXT. HARBOUR - NIGHT\n\nWaves.\n\n# Two\n\nINT. ROOM - DAY\n\nA girl waits.\n"
    late = "EXT. HARBOUR - NIGHT\n\nWaves.\n\n# Two\n\nINT. ROOM - DAY\n\nA girl waits.\n"
    assert [parse_text(text).title for text in (script, late)] == ["Waves", "Waves"]


def test_a_title_of_at_signs_is_ignored():
    assert parse_text("@@@\n\nA girl waits.", as_format="prose").title == ""


MOST_SECONDS = 8  # of processor time on a busy machine; a quadratic pattern takes minutes


@pytest.mark.parametrize("kind", deep_except(["", "prose", "markdown", "fountain", "csv"], ""))
def test_no_hostile_text_takes_long(kind):
    """The format is detected from the text; ``deep`` runs try each format by name."""
    slow = []
    for name, text in HOSTILE.items():
        started = time.process_time()
        with suppress(Unreadable):
            parse_text(text, as_format=kind)
        seconds = time.process_time() - started
        if seconds >= MOST_SECONDS:
            slow.append(f"{name}: {seconds:.1f} s")

    assert slow == []
