"""Ideas in three languages become stories: every beat, different sentences, the same characters in all scenes."""

import pytest

from generation.animatic.continuity import understand_in_story
from studio.breakdown.beats import PLANS, tell_idea
from studio.breakdown.grammar import load_grammar

IDEAS = [  # idea, language, characters (name, kind, description), headings
    (
        "two cats run a ramen shop on the moon", "en",
        [("Mochi", "animal", "an orange cat"), ("Kuro", "animal", "a black cat")], {"Ramen shop", "Moon surface"},
    ),
    (
        "两只猫在月球上开拉面店", "zh",
        [("阿橘", "animal", "一只橘色的猫"), ("小墨", "animal", "一只黑色的猫")], {"拉面店", "月球"},
    ),
    (
        "月で二匹の猫がラーメン屋を営む", "ja",
        [("モチ", "animal", "オレンジ色の猫"), ("クロ", "animal", "黒い猫")], {"ラーメン屋", "月面"},
    ),
    ("A girl named Aki waits at the station for her black dog.", "en",
     [("Aki", "person", "a girl"), ("Dog", "animal", "a black dog")], {"Station"}),
    ("A postman who is a fox brings the last letter of the winter.", "en",
     [("Postman", "animal", "an orange fox postman")], None),
    ("An old fisherman and his grandson find a whale in the harbour", "en",
     [("Fisherman", "person", "an old fisherman"), ("Grandson", "person", "a grandson"),
      ("Whale", "animal", "a blue whale")], {"Harbour"}),
    ("Emma and Jack explore an abandoned space station", "en",
     [("Emma", "person", "a girl"), ("Jack", "person", "a boy")], {"Abandoned space station"}),
    ("一只狐狸邮递员在冬天送最后一封信。", "zh", [("邮递员", "animal", "一只橘色的狐狸邮递员")], None),
    ("小明在雨中的车站等一只黑猫。", "zh", [("小明", "person", "一个男孩"), ("猫", "animal", "一只黑猫")], {"车站"}),
    ("少女が海辺で黒い犬に出会う。", "ja", [("少女", "person", "少女"), ("犬", "animal", "黒い犬")], {"海辺"}),
    ("宇宙飛行士が火星でウサギを見つける", "ja",
     [("宇宙飛行士", "person", "宇宙飛行士"), ("ウサギ", "animal", "白いウサギ")], {"火星"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "people", "places"), IDEAS, ids=[idea[0][:24] for idea in IDEAS])
@pytest.mark.parametrize("scenes", PLANS)
def test_an_idea_becomes_a_story(text, language, people, places, scenes):
    _title, shots, found = tell_idea(text, scenes)

    characters = [row for row in found if row.kind != "place"]
    assert [(row.name, row.kind, row.description) for row in characters] == people
    assert all(row.colours for row in characters)
    assert len({tuple(row.colours) for row in characters}) == len(characters)
    assert len(shots) == scenes
    assert len({shot.action for shot in shots}) == scenes
    assert all(shot.who and shot.place and shot.time for shot in shots)
    assert shots[0].who == shots[-1].who == [row.name for row in characters]
    assert places is None or {shot.place for shot in shots} == places
    assert (shots[-1].time, shots[-1].camera) == ("dawn", "pull")


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
def test_grammar_has_all_beats_for_any_number_of_characters(language):
    beats = load_grammar(language).beats
    named = {name for plan in PLANS.values() for beats_of_scene in plan for name in beats_of_scene}

    assert named == beats.keys()
    assert {"setting", "want", "obstacle", "turn", "ending"} <= named
    assert all(beat.lines and beat.alone and beat.camera for beat in beats.values())


@pytest.mark.parametrize("text", ["freedom", "自由", "自由に", "a hundred paper lanterns rise over the river", "雨"])
def test_an_idea_without_characters_is_told_by_its_place(text):
    _title, shots, people = tell_idea(text)

    assert len({shot.action for shot in shots}) == 5
    assert all(shot.place for shot in shots)
    assert not [row for row in people if row.kind != "place"]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (
            "Mika waits at the station. A dog comes. “Are you lost?” asks Mika.",
            [("A dog comes, at the station.", "", ""), ("Mika speaks, at the station.", "Mika", "Are you lost?")],
        ),
        (
            "女孩在天台上弹吉他。忽然下起了雨。她笑了。",
            [("在天台上，忽然下起了雨。", "", ""), ("在天台上，女孩笑了。", "", "")],
        ),
        ("ミカは駅で待っている。「遅いね」とミカは言った。", [("駅で。ミカが話す。", "ミカ", "遅いね")]),
        ("two cats bake a cake. They laugh.", [("Mochi and Kuro laugh, ", "", "")]),
        ("two cats bake a cake. The two cats laugh.", [("Mochi and Kuro laugh, ", "", "")]),
    ],
)
def test_own_sentences_and_lines_take_the_place_of_beats(text, own):
    _title, shots, _people = tell_idea(text)

    middle = shots[2 : 2 + len(own)]
    assert all(shot.action.startswith(action) for shot, (action, _who, _line) in zip(middle, own, strict=True))
    assert [(shot.speaker, shot.line) for shot in middle] == [(who, line) for _action, who, line in own]


@pytest.mark.parametrize(
    "text",
    ["two cats cook ramen", "the bear market falls", "a cook and two cooks", "猫头鹰", "马上出发", "彼女は笑う"],
)
def test_verbs_and_parts_of_words_are_no_animals(text):
    _title, _shots, people = tell_idea(text)

    nouns = {row.name for row in people}
    assert not nouns & {"Bear", "猫", "马", "女"}
    assert len([row for row in people if row.kind == "person"]) == (3 if text.startswith("a cook") else 0)


@pytest.mark.parametrize(("text", "language", "people", "places"), IDEAS[:3], ids=["en", "zh", "ja"])
def test_the_animatic_draws_the_same_two_cats_in_every_scene(text, language, people, places):
    _title, shots, found = tell_idea(text, 12)
    cast = {row.name: {"name": row.name, "kind": row.kind, "description": row.description, "colours": row.colours}
            for row in found}  # fmt: skip

    for shot in shots:
        options = {"cast": [cast[name] for name in shot.who], "place_name": shot.place}
        subjects = understand_in_story(shot.action, options, seed=1).scene.subjects
        cats = {subject.name: (subject.count, subject.hair_colour) for subject in subjects if subject.kind == "cat"}
        assert cats == {name: (1, cast[name]["colours"][0]) for name in shot.who}, shot.action
