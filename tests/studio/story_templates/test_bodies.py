"""Story templates: what is a valid body, and the shipped ones."""

import pytest
from django.utils import translation

from generation.animatic.continuity import understand_in_story
from studio.story_templates.body import TemplateBody, TemplateRefused
from studio.story_templates.shipped import FOLDER, ORDER, list_templates, read_template
from tests.studio.story_templates.bodies import BODY, change

BROKEN = {
    "an unknown version": change(version=2),
    "no scene": change(scenes=[], film={}, cast=[], blanks=[]),
    "10,000 scenes": change(scenes=[{"text": "{hero}"}] * 10_000),
    "an unknown field": change(price=3),
    "an unknown transition": change(scenes=[{"text": "{hero}", "transition": "explode"}]),
    "a text that is too long": change(scenes=[{"text": "{hero}" + "x" * 2000}]),
    "a scene of an hour": change(scenes=[{"text": "{hero}", "seconds": 3600}]),
    "a number as text": change(scenes=[{"text": 7}]),
    "a blank without a label": change(blanks=[]),
    "an unused blank": change(blanks=[*BODY["blanks"], {"name": "unused"}]),
    "a blank in a blank": change(blanks=[{"name": "hero", "default": "{hero}"}]),
    "a blank twice": change(blanks=[*BODY["blanks"], {"name": "hero"}]),
    "a control character": change(scenes=[{"text": "{hero}\x00"}]),
    "two characters of one name": change(cast=[{"name": "{hero}"}, {"name": "{hero}"}]),
    "a list": [],
}


def test_invalid_templates_are_refused_with_a_reason():
    assert TemplateBody.from_json(TemplateBody.from_json(BODY).to_json()) == TemplateBody.from_json(BODY)
    accepted = []
    for name, body in BROKEN.items():
        try:
            TemplateBody.from_json(body)
        except TemplateRefused as refusal:
            assert str(refusal), name
        else:
            accepted.append(name)
    assert accepted == []


def test_values_fill_the_blanks_once_and_are_never_read_for_blanks():
    body = TemplateBody.from_json(BODY)

    filled = body.fill({"hero": "{hero} & <b>"})

    assert filled.scenes[0].text == "{hero} & <b> runs on the hill" and filled.blanks == ()
    assert body.fill({"hero": ""}).film.title_text == "The race of Mio"
    with pytest.raises(TemplateRefused):
        TemplateBody.from_json(change(film={"title_text": "{hero}" * 3})).fill({"hero": "x" * 80})


def test_shipped_templates_are_complete_and_drawable_in_both_languages():
    """Each is readable in both languages, and the animatic draws all of its words and its cover."""
    assert len(ORDER) >= 8 and {path.stem for path in FOLDER.glob("*.json")} == set(ORDER)
    problems = []
    for key in ORDER:
        english, chinese = read_template(key, "en"), read_template(key, "zh")
        for name in ("style", "ratio"):
            assert getattr(english.body, name) == getattr(chinese.body, name), key
        assert len(english.body.scenes) == len(chinese.body.scenes) > 2 and english.body.blanks, key
        cover = FOLDER.parents[2] / f"static/templates/{key}.webp"
        assert 0 < cover.stat().st_size <= 25_000 and 1 <= english.cover_scene <= len(english.body.scenes), key
        for body in (english.body.fill({}), chinese.body.fill({})):
            people = [{"name": row.name, "kind": row.kind, "description": row.words} for row in body.cast]
            for scene in body.scenes:
                cast = [row for row in people if row["name"] in scene.text]
                found = understand_in_story(scene.text, {"cast": cast} if cast else {}, style=body.style, seed=1)
                problems += [(key, scene.text, found.unknown)] if found.unknown else []
    assert problems == []
    with translation.override("zh-hans"):
        assert list_templates()[0].title == "预告片"
