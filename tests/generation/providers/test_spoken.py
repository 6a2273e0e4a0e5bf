"""Names of models in the language of who reads."""

import pytest
from django.utils import translation
from django.utils.translation import get_language

from generation.providers import catalogue, labels
from generation.providers.registry import connectables

CHINESE = {
    "from a picture": "从图片",
    "%(model)s, %(more)s": "%(model)s（%(more)s）",
    "%(model)s (%(more)s)": "%(model)s（%(more)s）",
}


def shipped_labels():
    engines = [slug for slug, engine in connectables().items() if not engine.is_local]
    sheets = [slug for slug in engines if (catalogue.FOLDER / slug.replace("-", "_") / "models.toml").exists()]
    return [facts.get("label", facts["model"]) for slug in sheets for facts in catalogue.shipped(slug)]


def test_what_stands_beside_a_models_name_can_be_said_in_every_language():
    beside = [found["after"] or found["within"] for each in shipped_labels() if (found := labels.LABEL.match(each))]

    assert len(beside) > 20
    assert set(beside) <= labels.BESIDE


def test_in_english_every_label_is_as_it_was_written():
    assert [labels.label(each) for each in shipped_labels()] == shipped_labels()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Wan 2.2 5B, from a picture", "Wan 2.2 5B（从图片）"),
        ("Wan 2.2 Fast (from a picture)", "Wan 2.2 Fast（从图片）"),
        ("Fox, by Mika", "Fox, by Mika"),
        ("Kling 2.1", "Kling 2.1"),
        ("%(model)s, from a picture", "%(model)s（从图片）"),
        ("", ""),
    ],
)
def test_the_name_stays_and_the_rest_is_translated(written, read, monkeypatch):
    monkeypatch.setattr(labels, "_", lambda words: CHINESE.get(words, words))

    assert labels.label(written) == read


def test_who_reads_after_somebody_else_reads_in_their_own_language(monkeypatch, db):
    monkeypatch.setattr(labels, "_", lambda words: CHINESE.get(words, words) if get_language() != "en" else words)
    catalogue.forget()
    with translation.override("zh-hans"):
        chinese = [each.label for each in catalogue.capabilities("comfyui")]
    with translation.override("en"):
        english = [each.label for each in catalogue.capabilities("comfyui")]
    catalogue.forget()

    assert "Wan 2.2 5B（从图片）" in chinese
    assert "Wan 2.2 5B, from a picture" in english


def test_a_name_that_is_words_and_nothing_else_is_said_in_chinese_too():
    with translation.override("zh-hans"):
        assert labels.label("The model at the address") == "该地址的模型"
