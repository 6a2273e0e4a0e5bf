"""A sentence → who, does what, to whom, where. The .txt files beside this one hold a sentence a line."""

from pathlib import Path

import pytest

from generation.animatic.staging.draft import Event, Phrase
from generation.animatic.staging.model import RELATIONS, SEVERAL, Staging
from generation.animatic.staging.names import find_name
from generation.animatic.staging.reading import MAX_LENGTH, detect_language, read_draft, read_staging
from generation.animatic.staging.tables import load_table
from generation.animatic.storyboard.catalogue import find_metres, load_poses
from generation.animatic.storyboard.panel import CAMERAS, FACINGS, HOURS, PLACES, WEATHERS, Panel
from generation.animatic.storyboard.places import draw_place

LANGUAGES = ("en", "zh", "ja")
ROWS = {
    language: [
        line.split(" => ")
        for line in (Path(__file__).parent / f"{language}.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    for language in LANGUAGES
}
BAD = {
    "empty": "",
    "spaces": " \n\t ",
    "emoji": "🦔",
    "emojis": "🦔" * 500,
    "verbs": "run jump sit run fall stop",
    "verbs_zh": "跑跳坐追停落",
    "verbs_ja": "走る跳ぶ座る追う止まる",
    "particles": "がをにでのとはもへ",
    "prepositions": "of in on to the with by from",
    "signs": "，。、「」…—()[]{}<>\"'",
    "of": "的的的的的",
    "right_to_left": "قطة تجلس تحت الطاولة והכלב רץ",
    "mixed": "a girl 在雨中 walks と 犬 through the 街",
    "thai": "แมวนั่งอยู่ใต้โต๊ะ",
    "null": "a\x00b cat\u202e sits",
    "long_word": "a" * 60_000,
    "long_zh": "的人跑" * 20_000,
    "long_ja": "犬が走り、" * 12_000,
    "long_en": "a dog that sees a cat and " * 2_400,
}


def describe(event: Event) -> str:
    """Return an event as a row of the tables writes it."""
    parts = ["+".join(map(name, event.actors)) or "-"] + [event.verb] * bool(event.verb)
    for slot in ("object", "tool", "partner", "receiver"):
        if (phrase := getattr(event, slot)) is not None:
            parts.append(f"{slot}={name(phrase)}")
    parts += [f"{relation}={name(phrase)}" for relation, phrase in event.spots]
    parts += [f"thing={name(phrase)}" for phrase in event.things]
    parts += [f"!{event.turn}"] * bool(event.turn)
    parts += ["(detail)"] * event.is_detail + ["(not)"] * event.is_negative
    return ", ".join(parts)


def name(phrase: Phrase) -> str:
    count = "*" if phrase.count == SEVERAL else str(phrase.count)
    return phrase.head if phrase.count == 1 else f"{count} {phrase.head}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_read_as_the_table_says(language):
    assert len(ROWS[language]) >= 60
    wrong = []
    for sentence, expected in ROWS[language]:
        draft, _ = read_draft(sentence, language)
        found = " ; ".join(map(describe, draft.events))
        if found != expected.strip():
            wrong.append(f"{sentence}\n    found    {found}\n    expected {expected}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_stagings_hold_only_what_can_be_drawn(language):
    for sentence, _ in ROWS[language]:
        check(read_staging(sentence, language))


def check(staging: Staging) -> None:
    named = [spot.named for spot in staging.spots] + list(staging.things)
    for act in (*staging.acts, *staging.details):
        named += [*act.actors, *(one for one in (act.object, act.tool, act.partner, act.receiver) if one)]
        assert act.pose in load_poses(), act
        assert not act.then or act.then in load_poses(), act
    set_pieces = ("", "counter", "stall", "bridge", "lighthouse", "table", "tornado", "bed", "ladder")
    assert all(one.name in set_pieces or find_metres(one.name) for one in named), named
    assert all(spot.relation in RELATIONS for spot in staging.spots)
    assert staging.place in ("", *PLACES)
    assert staging.hour in ("", *HOURS)
    assert staging.weather in WEATHERS
    assert staging.camera in ("", *CAMERAS)
    assert staging.facing in ("", *FACINGS)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
@pytest.mark.parametrize("language", [None, "en", "zh", "ja"])
def test_bad_input_gives_a_calm_staging(text, language):
    check(read_staging(text, language))


@pytest.mark.parametrize(
    "sentence", ["a dog that sees a cat runs, ", "被大家忘记的男孩种了一棵树，", "傘をなくした少女が走り、"]
)
def test_twice_the_text_takes_twice_the_steps(sentence):
    once, twice = (read_draft(sentence * times)[0].steps for times in (20, 40))

    assert once * 1.9 < twice < once * 2.1
    assert read_draft(sentence * 4000)[0].steps <= MAX_LENGTH


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("a girl runs", "en"),
        ("女孩在跑", "zh"),
        ("女の子が走る", "ja"),
        ("夜、駅、少女", "ja"),
        ("女孩 in Tokyo 跑过一座桥", "zh"),
        ("", "en"),
        ("قطة", "en"),
    ],
)
def test_the_language_is_that_of_most_words(text, language):
    assert detect_language(text) == language


def test_a_sentence_becomes_names_poses_and_a_place():
    staging = read_staging("At night, two old sailors give a baker a red kite on the beach.")
    (act,) = staging.acts

    assert [(who.name, who.count, who.is_actor) for who in act.actors] == [("sailor", 2, True)]
    assert (act.pose, act.object.name, act.receiver.name) == ("give", "kite", "chef")
    assert (staging.place, staging.hour, staging.spots[0].relation) == ("shore", "night", "on")


def test_relative_clauses_are_details_and_no_acts():
    staging = read_staging("The girl who lost her umbrella runs through the rain.")

    assert [act.words for act in staging.acts] == ["runs"]
    assert [act.object.name for act in staging.details] == ["umbrella"]
    assert staging.weather == "rain"


@pytest.mark.parametrize(
    "text",
    [
        "Nobody dances in the street.",
        "No one dances in the street.",
        "没有人在街上跳舞。",
        "街上空无一人。",
        "通りには誰もいない。",
    ],
)
def test_nobody_is_nobody(text):
    staging = read_staging(text)

    assert staging.place == "street"
    assert [who.count for act in staging.acts for who in act.actors] == [0]


@pytest.mark.parametrize(
    ("text", "place", "variant"),
    [
        ("a hedgehog's umbrella shop", "shop", "umbrella"),
        ("a mermaid under the sea", "underwater", ""),
        ("a girl beside the lake", "shore", "river"),
        ("a cat in the library", "room", "library"),
        ("人鱼坐在海底", "underwater", ""),
        ("人魚が海の底で歌う", "underwater", ""),
        ("刺猬的雨伞店", "shop", "umbrella"),
        ("一个男孩在湖边钓鱼", "shore", "river"),
        ("traditional 傳統：女孩站在橋上", "bridge", ""),
        ("一只狗坐在花店前", "street", "front flower"),
        ("狗站在古塔上", "field", ""),
        ("老人走在胡同里", "street", "alley"),
        ("孩子们在山洞里", "corridor", "cave"),
        ("女孩站在站台上", "field", "platform"),
        ("サルが温泉にいる", "water", "hot_spring"),
        ("犬が寺の前で待つ", "field", ""),
        ("少女が神社で祈る", "field", "shrine"),
        ("豆腐屋の前で子犬が待っている", "street", "front tofu"),
        ("少年が図書館の高い棚から本を取る", "room", "library"),
        ("クジラが雲の間を泳ぎ、下の町に影を落とす", "sky", "town"),
    ],
)
def test_places(text, place, variant):
    staging = read_staging(text)

    assert (staging.place, staging.variant) == (place, variant)


@pytest.mark.parametrize(
    ("text", "place", "goods"),
    [
        ("A hedgehog opens an umbrella shop in the desert.", "field", ["umbrella"]),
        ("Two cats run a ramen shop on the moon.", "space", ["steaming_bowl"]),
        ("两只猫在月球上开拉面馆", "space", ["steaming_bowl"]),
        ("A man runs a bookstore.", "shop", []),
    ],
)
def test_who_keeps_a_shop_stands_behind_its_counter(text, place, goods):
    staging = read_staging(text)

    assert staging.place == place and staging.acts[0].pose == "stand"
    assert [(spot.relation, spot.named.name) for spot in staging.spots][-1] == ("behind", "counter")
    assert [thing.name for thing in staging.things] == goods


def test_words_to_the_camera_take_part_in_no_act():
    staging = read_staging("Close-up, pan right: a boy walks from left to right.")

    assert (staging.framing, staging.camera, staging.facing) == ("close", "pan_right", "right")
    assert [[who.name for who in act.actors] for act in staging.acts] == [["boy"]]
    assert not staging.things


def test_what_no_slot_holds_is_told_by_the_note():
    staging = read_staging("A girl without shoes dreams about the war.")

    assert staging.unread == ("without shoes", "about the war")


def test_each_variant_of_a_place_that_words_name_is_drawn_differently():
    """A variant without a drawing of its own would show another place than the words."""

    def draw(kind, variant=""):
        strokes = [
            stroke
            for sketch in draw_place(Panel(place=kind, variant=variant), 1600, 900, 1)
            for stroke in sketch.strokes
        ]
        return len(strokes), float(sum(stroke.points.sum() for stroke in strokes))

    plain = ("", "goods", "train")  # a vehicle without a variant is a train
    variants = [(kind, name) for kind, rows in load_table("places").items() for name in rows if name not in plain]

    assert [row for row in variants if draw(*row) == draw(row[0])] == []


@pytest.mark.parametrize(
    ("word", "language", "name"),
    [
        ("青龙", "zh", "dragon"),
        ("狐仙", "zh", "fox_spirit"),
        ("孙悟空", "zh", "monkey_king"),
        ("糖葫芦", "zh", "dango"),
        ("网兜", "zh", "net"),
        ("烟花", "zh", "fireworks"),
        ("推车", "zh", "cart"),
        ("国旗", "zh", "flag"),
        ("河童", "ja", "kappa"),
        ("天狗", "ja", "tengu"),
        ("うどん", "ja", "steaming_bowl"),
        ("手ぬぐい", "ja", "scarf"),
        ("虫取り網", "ja", "net"),
        ("缶コーヒー", "ja", "cup_with_straw"),
        ("和太鼓", "ja", "drum"),
        ("神輿", "ja", "portable_shrine"),
    ],
)
def test_everyday_words_have_a_drawing(word, language, name):
    assert find_name(word, language).name == name
