"""Labels of models in the reader's language."""

from django.utils import translation
from django.utils.translation import get_language

from generation.providers import catalogue, labels
from generation.providers.registry import connectable_providers

CHINESE = {
    "from an image": "从图片",
    "%(model)s, %(more)s": "%(model)s（%(more)s）",
    "%(model)s (%(more)s)": "%(model)s（%(more)s）",
}


def shipped_labels():
    engines = [slug for slug, engine in connectable_providers().items() if not engine.is_local]
    slugs = [slug for slug in engines if (catalogue.FOLDER / slug.replace("-", "_") / "models.toml").exists()]
    return [facts.get("label", facts["model"]) for slug in slugs for facts in catalogue.built_in_models(slug)]


def test_every_label_suffix_is_translated():
    suffixes = [found["after"] or found["within"] for label in shipped_labels() if (found := labels.LABEL.match(label))]

    assert len(suffixes) > 20
    assert set(suffixes) <= labels.SUFFIXES


def test_english_labels_are_unchanged():
    assert [labels.translate_label(label) for label in shipped_labels()] == shipped_labels()


def test_model_name_stays_and_suffix_is_translated(monkeypatch, subtests):
    for text, expected in (
        ("Wan 2.2 5B, from an image", "Wan 2.2 5B（从图片）"),
        ("Wan 2.2 Fast (from an image)", "Wan 2.2 Fast（从图片）"),
        ("Fox, by Mika", "Fox, by Mika"),
        ("Kling 2.1", "Kling 2.1"),
        ("%(model)s, from an image", "%(model)s（从图片）"),
        ("", ""),
    ):
        with subtests.test(text=text, expected=expected):
            monkeypatch.setattr(labels, "_", lambda words: CHINESE.get(words, words))

            assert labels.translate_label(text) == expected


def test_labels_follow_the_active_language(monkeypatch, db):
    monkeypatch.setattr(labels, "_", lambda words: CHINESE.get(words, words) if get_language() != "en" else words)
    catalogue.clear_cache()
    with translation.override("zh-hans"):
        chinese = [model.label for model in catalogue.capabilities("comfyui")]
    with translation.override("en"):
        english = [model.label for model in catalogue.capabilities("comfyui")]
    catalogue.clear_cache()

    assert "Wan 2.2 5B（从图片）" in chinese
    assert "Wan 2.2 5B, from an image" in english


def test_label_made_of_words_only_is_translated():
    with translation.override("zh-hans"):
        assert labels.translate_label("The model at the address") == "该地址的模型"
