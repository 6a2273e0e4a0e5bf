"""Prompt → scene in English, Chinese and Japanese. prompts.txt lists prompts and expectations."""

import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generation.animatic import scene as shots
from generation.animatic.props import load_props
from generation.animatic.understanding import SLOTS, parsing, suggest_for_open_slots, understand
from generation.animatic.understanding.lexicon import (
    WORDS,
    Lexicon,
    Meaning,
    build_meaning,
    load_folding,
    load_table,
)

PROMPTS = [
    line.split(" => ") for line in (Path(__file__).parent / "prompts.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]  # fmt: skip
COLOURS = load_table("colours")


def _find_problems(prompt: str, expected: str) -> list[str]:
    """Return every expectation that the scene does not meet."""
    found = understand(prompt)
    wrong = []
    for expectation in expected.split():
        slot, wanted = expectation.split("=", 1)
        got = _compare_slot(found, slot, wanted)
        if got is not True:
            wrong.append(f"{expectation} but {got}")
    return wrong


def _compare_slot(found, slot, wanted):
    """Return True, or what the scene has instead of the expected value."""
    scene = found.scene
    first = scene.subjects[0] if scene.subjects else shots.Subject("nobody")
    if slot in ("place", "outside", "time", "weather", "camera", "style", "mood", "setting"):
        return getattr(scene, slot) == wanted or getattr(scene, slot)
    if slot == "sound":
        return scene.ambience == wanted or scene.ambience
    if slot == "particles":
        return wanted in scene.particles or scene.particles
    if slot == "overlay":
        return wanted in scene.overlays or scene.overlays
    if slot == "card":
        return wanted in [card.kind for card in scene.cards] or scene.cards
    if slot == "unknown":
        return wanted in " ".join(found.unknown) or found.unknown
    if slot == "asleep":
        return first.asleep == (wanted == "yes") or first.asleep
    if slot == "who":
        cast = "+".join(sorted(s.kind + (f"*{s.count}" if s.count > 1 else "") for s in scene.subjects)) or "none"
        who = [kind for kind in wanted.split("+") if build_meaning("subject", kind.partition("*")[0]).slot == "subject"]
        return cast == ("+".join(sorted(who)) or "none") or cast
    if slot in ("hair", "eyes", "dress"):
        field, part = {
            "hair": ("hair_colour", "hair"),
            "eyes": ("eye_colour", "eyes"),
            "dress": ("clothes_colour", "clothes"),
        }[slot]
        return getattr(first, field) == COLOURS[part][wanted] or getattr(first, field)
    field = {"cut": "hair_style", "face": "expression", "does": "action"}.get(slot, slot)
    return getattr(first, field) == wanted.replace("_", " " if slot == "line" else "_") or getattr(first, field)


def test_there_are_two_hundred_prompts():
    assert len(PROMPTS) >= 200


def test_the_prompts_are_in_three_languages():
    def language(prompt):
        return "ja" if re.search("[\u3041-\u30ff]", prompt) else "zh" if re.search("[\u4e00-\u9fff]", prompt) else "en"

    counts = Counter(language(prompt) for prompt, _ in PROMPTS)
    assert counts["en"] >= 100 and counts["zh"] >= 80 and counts["ja"] >= 60, counts


def test_every_prompt_gives_the_scene_it_describes():
    failures = {prompt: _find_problems(prompt, expected) for prompt, expected in PROMPTS}

    assert {prompt: problems for prompt, problems in failures.items() if problems} == {}


def test_the_seed_decides_what_the_prompt_leaves_open():
    scenes = {understand("a girl", seed=seed).scene for seed in range(12)}
    assert understand("a girl", seed=5) == understand("a girl", seed=5)
    assert len(scenes) > 4
    assert all(scene.subjects[0].kind == "girl" for scene in scenes)


def test_chips_show_the_words_they_came_from():
    chips = {f"{chip.slot}:{chip.value}": chip.text for chip in understand("two black cats on the Roof, no rain").chips}
    assert chips == {
        "subject:cat": "cats", "count:2": "two", "colour:hair black": "black cats", "place:rooftop": "Roof",
        "without:rain": "rain",
    }  # fmt: skip


def test_a_chip_switched_off_is_not_in_the_scene():
    prompt = "two red-haired girls run on the beach in the rain at night, pan left, sakura, watercolour"
    before = understand(prompt)
    off = frozenset(f"{chip.slot}:{chip.value}" for chip in before.chips)
    after = understand(prompt, chips_off=off)
    assert after.chips == before.chips  # still listed, so that it can be switched on again
    assert (after.scene.place, after.scene.weather, after.scene.style) == (after.scene.place, "clear", "cel")
    assert after.scene.place != "sea" and after.scene.time != "night" and after.scene.camera != "pan_left"
    assert "sakura" not in after.scene.particles
    assert not any(subject.kind == "girl" for subject in after.scene.subjects)


def test_switching_off_a_colour_keeps_the_person():
    scene = understand("red-haired girl in a white dress", chips_off=frozenset({"colour:hair red"})).scene
    assert scene.subjects[0].hair_colour == "" and scene.subjects[0].clothes == "dress"


def test_the_negative_prompt_removes_things():
    scene = understand("a street in Tokyo with people, rain", negative_prompt="people, rain").scene
    assert scene.subjects == () and scene.weather == "clear"


def test_unknown_words_are_listed_except_common_ones():
    assert understand("a beautiful unicorn with the halberd, gently").unknown == ("unicorn", "halberd")
    assert understand("一只美丽的独角兽在森林里").unknown == ("独角兽",)


def test_a_named_subject_is_reported_until_something_draws_it(monkeypatch):
    prompt, negative = "two unicorns on a hill", "no unicorn on the hill"
    book = Lexicon("en")
    monkeypatch.setattr(parsing, "load_lexicon", lambda language: book)
    for kinds, drawn, reported in ((shots.SUBJECTS, [], ("unicorns",)), (("unicorn",), [("unicorn", 2)], ())):
        monkeypatch.setattr(shots, "SUBJECTS", kinds)
        book.phrases.clear()
        for word, slot, value in (("unicorn", "subject", "unicorn"), ("two", "number", "2"), ("hill", "place", "hill")):
            book.add(word, build_meaning(slot, value))
        book.add("no", Meaning("negate", "before"))
        for word in ("a", "on", "the"):
            book.add(word, Meaning("stop", "words"))

        found = understand(prompt)

        assert [(subject.kind, subject.count) for subject in found.scene.subjects] == drawn
        assert found.unknown == reported
        assert understand(negative).unknown == ()


def test_only_chinese_that_the_lists_leave_open_loads_the_dictionary(monkeypatch):
    monkeypatch.setitem(sys.modules, "rjieba", None)  # an import would raise
    for prompt in ("a griffin on a hill", "一个女孩在山上", "窓辺の麒麟と少女", "🐱", ""):
        understand(prompt)
    with pytest.raises(ImportError):
        understand("麒麟和女孩")


def test_words_are_not_found_inside_other_words():
    found = understand("catalogue training shipping raincheck seaworthy starter")
    assert found.chips == ()


@pytest.mark.parametrize(
    "prompt",
    ["", " ", "x", "?!", "🤷🏽‍♀️", "مرحبا بالعالم، كيف حالك", "שלום עולם", "Ωκεανός", "ооо", "한국어 문장입니다",
     "for (i = 0; i < 10; i++) { print(i) }", "<script>alert('girl')</script>", "SELECT * FROM users; --", "\x00\x07",
     "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds do shake the",
     "“" * 300, "no " * 300, "a girl " * 290, "雨" * 2000, "「" + "あ" * 1990, "1" * 2000, "two " * 500],
)  # fmt: skip
def test_any_text_gives_a_scene(prompt):
    scene = understand(prompt).scene
    _check_scene(scene)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.text(max_size=60), st.integers(0, 2**63))
def test_random_text_never_raises(prompt, negative, seed):
    _check_scene(understand(prompt, negative_prompt=negative, seed=seed).scene)


_WORDS = (
    "a no without two girl cat rain , and red hair in “hi” with . named title",
    "三 只 猫 没有 雨 和 红 发 少女 的 特写 の 猫 が 二人 なし 🌸",
)
_PIECES = st.sampled_from([word for line in _WORDS for word in line.split()])


@settings(max_examples=150)
@given(st.lists(_PIECES, max_size=25), st.sampled_from(["", " "]))
def test_any_order_of_known_words_never_raises(pieces, glue):
    found = understand(glue.join(pieces))
    _check_scene(found.scene)
    assert all(chip.slot in SLOTS for chip in found.chips)


def _check_scene(scene):
    assert scene.place in shots.PLACES and scene.time in shots.TIMES and scene.weather in shots.WEATHERS
    assert scene.camera in shots.CAMERAS and scene.style in shots.STYLES
    assert set(scene.particles) <= set(shots.PARTICLES) and set(scene.overlays) <= set(shots.OVERLAYS)
    assert scene.ambience in ("", *shots.AMBIENCES) and scene.mood in ("", *shots.MOODS)
    for subject in scene.subjects:
        assert subject.kind in (*shots.SUBJECTS, *load_props())
        assert subject.view in shots.VIEWS and 1 <= subject.count <= 12
        assert subject.expression in shots.EXPRESSIONS
        for value in (subject.hair_colour, subject.eye_colour, subject.clothes_colour):
            assert value == "" or (len(value) == 7 and value[0] == "#")


def test_every_lexicon_value_is_known_to_the_renderer():
    known = {
        "place": shots.PLACES, "time": shots.TIMES, "weather": shots.WEATHERS, "camera": shots.CAMERAS,
        "particles": shots.PARTICLES, "style": shots.STYLES, "expression": shots.EXPRESSIONS, "view": shots.VIEWS,
        "overlay": shots.OVERLAYS, "ambience": shots.AMBIENCES, "mood": shots.MOODS,
        "subject": (*shots.SUBJECTS, "someone"), "action": (*shots.ACTIONS, "cycle"),
        "colour": tuple(COLOURS["hair"]), "hair": tuple(COLOURS["hair"]),
    }  # fmt: skip
    slots = set()
    for path in WORDS.glob("*.toml"):
        data = tomllib.loads(path.read_text("utf-8"))
        if path.stem in ("colours", "fold", "defaults", "senses"):
            continue
        for slot, values in [*data.items(), *data.get("hint", {}).items()]:
            if slot in known:
                slots.add(slot)
                assert set(values) <= set(known[slot]), f"{path.name} [{slot}]"
    assert slots == set(known)


def test_traditional_characters_are_read_as_simplified_ones():
    assert "".join(load_folding().get(ord(sign), sign) for sign in "電車與櫻花") == "电车与樱花"
    assert understand("電車與櫻花").scene.subjects[0].kind == "train"


def test_suggestions_cover_only_what_the_prompt_left_open():
    open_slots = suggest_for_open_slots(understand("a girl at night, pan left"))
    assert set(open_slots) == {"weather", "motion"}
    assert all(len(words) == 4 for by_language in open_slots.values() for words in by_language.values())
    assert suggest_for_open_slots(understand("a girl runs in the rain at night, pan left")) == {}


def test_suggestions_are_understood():
    someone = {"en": "a girl, ", "zh": "一个女孩，"}
    suggested = suggest_for_open_slots(understand(""))
    assert suggested
    for slot, by_language in suggested.items():
        for language, suggestions in by_language.items():
            for word in suggestions:
                chip_slots = {chip.slot for chip in understand(someone[language] + word).chips}
                wanted = {"light": {"time"}, "motion": {"particles", "action"}}.get(slot, {slot})
                assert chip_slots & wanted, word


def test_a_prompt_beside_a_picture_adds_nothing_by_itself():
    scene = understand("rain", over_picture=True).scene
    assert scene.weather == "rain" and scene.particles == () and scene.subjects == ()


@pytest.mark.parametrize(
    ("prompt", "people"),
    [
        ("a red-haired girl and a blue-haired girl", [("girl", "red"), ("girl", "blue")]),
        ("a girl with red hair and a girl with blue hair sit", [("girl", "red"), ("girl", "blue")]),
        ("红发女孩和蓝发女孩", [("girl", "red"), ("girl", "blue")]),
        ("赤い髪の少女と青い髪の少女", [("girl", "red"), ("girl", "blue")]),
        ("a black cat and a white cat", [("cat", "black"), ("cat", "white")]),
        ("a boy and another boy", [("boy", ""), ("boy", "")]),
        ("一个女孩和另一个女孩", [("girl", ""), ("girl", "")]),
        ("a girl waves to a girl", [("girl", ""), ("girl", "")]),
        ("a red-haired girl on a hill. The girl looks up.", [("girl", "red")]),
        ("1girl, a girl with red hair", [("girl", "red")]),
    ],
)
def test_two_of_a_kind_are_two_and_a_repeated_mention_is_one(prompt, people):
    shades = [(kind, COLOURS["hair"].get(colour, "")) for kind, colour in people]
    found = [(subject.kind, subject.hair_colour) for subject in understand(prompt).scene.subjects]
    assert found == shades
    assert [subject.count for subject in understand("two cats, a black cat and a white cat").scene.subjects] == [2]


def test_grandparents_are_an_old_man_and_an_old_woman():
    subjects = understand("grandfather and grandmother on a bench").scene.subjects
    assert [(subject.kind, subject.variant) for subject in subjects] == [("elder", "male"), ("elder", "female")]


def test_a_shared_action_applies_to_both_of_two():
    for prompt in (
        "a red-haired girl and a blue-haired girl run",
        "a boy and another boy run",
        "一个女孩和另一个女孩在跑",
    ):
        assert [subject.action for subject in understand(prompt).scene.subjects] == ["run", "run"]
    seen = understand("a boy and a girl, the girl smiles, the boy runs").scene.subjects
    assert [(subject.kind, subject.action, subject.expression) for subject in seen] == [
        ("boy", "run", "calm"),
        ("girl", "", "smile"),
    ]


@pytest.mark.parametrize(
    "prompt", ["someone walks home", "a student on the hill", "a couple at the sea", "四人在教室里"]
)
def test_a_subject_switched_off_stays_away_with_every_seed(prompt):
    chips = {chip for seed in range(8) for chip in understand(prompt, seed=seed).chips if chip.slot == "subject"}
    assert {chip.value for chip in chips} == {"someone"}
    for seed in range(16):
        assert not understand(prompt, seed=seed, chips_off=frozenset({"subject:someone"})).scene.subjects
        assert understand(prompt, seed=seed).scene.subjects


def test_the_count_of_a_crowd_includes_everybody():
    assert ("count", "4") in {(chip.slot, chip.value) for chip in understand("四人在教室里").chips}
    for seed in range(4):
        assert sum(subject.count for subject in understand("四人在教室里", seed=seed).scene.subjects) == 4
