"""How texts and queries are cut into tokens, and hits marked."""

import pytest

from common.search.marks import mark_hits, mark_snippet
from common.search.tokens import Term, normalise, parse_query, split_text
from common.search.typos import is_one_typo_apart


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Rain on ROOFTOPS, rain", ["rain", "on", "rooftops", "rain·on", "on·rooftops", "rooftops·rain"]),
        ("Café ﬁlm ＡＢＣ", ["cafe", "film", "abc", "cafe·film", "film·abc"]),
        ("水墨画", ["水墨", "墨画", "画", "水墨画"]),
        ("猫 and ラーメン", ["猫", "and", "ラー", "ーメ", "メン", "ン", "ラーメ", "ーメン", "猫·and", "and·ラ"]),
        ("?! …", []),
    ],
)
def test_words_stay_whole_and_signs_become_pairs(text, tokens):
    assert split_text(normalise(text)) == tokens


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("rain roof", [Term("rain"), Term("roof", is_prefix=True)]),
        ("rain ", [Term("rain")]),
        ("猫", [Term("猫", is_prefix=True)]),
        ("水墨画", [Term("水墨"), Term("墨画")]),
    ],
)
def test_last_word_and_single_signs_are_prefixes(text, terms):
    assert list(parse_query(text).terms) == terms


@pytest.mark.parametrize("query", ["red lan", "red lantern", "丘の猫", "の猫 red", "夕焼けの"])
def test_text_with_a_phrase_has_its_links(query):
    tokens = split_text(normalise("夕焼けの丘の猫 red lanterns"))

    links = parse_query(query).links
    assert links
    for link in links:
        assert any(token.startswith(link.token) if link.is_prefix else token == link.token for token in tokens), link


def test_one_typo_is_forgiven_and_two_are_not():
    near = ["lantrn", "lanterns", "lamtern", "lanetrn", "kantern", "antern", "latnern"]
    assert all(is_one_typo_apart("lantern", word) for word in near)
    assert not any(is_one_typo_apart("lantern", word) for word in ["lantern", "latnerm", "lant", "western"])


@pytest.mark.parametrize(
    ("text", "words", "html"),
    [
        ("Rain & <rain>", ["rain"], "<mark>Rain</mark> &amp; &lt;<mark>rain</mark>&gt;"),
        ("A CAFÉ by train", ["cafe", "rain"], "A <mark>CAFÉ</mark> by train"),
        ("夕焼けの丘の猫", ["丘の", "猫"], "夕焼けの<mark>丘の猫</mark>"),
        ("<script>", [], "&lt;script&gt;"),
    ],
)
def test_hits_are_marked_and_the_rest_is_escaped(text, words, html):
    assert mark_hits(text, words) == html


def test_a_snippet_shows_the_first_hit_of_a_long_text():
    text = f"{'a long way ' * 20}to the lighthouse <b>{' and on' * 20}"

    assert "<mark>light</mark>house &lt;b&gt;" in (found := mark_snippet(text, ["light"]))
    assert found.startswith("…") and found.endswith("…") and len(found) < 140
    assert mark_snippet(text, ["boat"]) == ""
