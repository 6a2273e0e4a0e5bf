"""Understanding chips: switch them off, change them, and list undrawn words."""

import re
from html import unescape

import pytest

from generation.animatic.understanding import understand
from generation.clip_spec import build_clip_request
from generation.composer.understanding import read_prompt
from generation.models import Clip
from generation.providers.adapters.local import provider as animatic
from generation.providers.adapters.local.labels import get_label
from generation.providers.base import Watch
from tests.generation.test_create import FORM
from tests.generation.uploads import read_text

pytestmark = pytest.mark.django_db

PROMPT = 'two smiling red-haired girls in a blue yukata at the lake, one says "Wait, please!"'


def get_understood(browser, **form):
    return browser.get("/create/understood/", form).content.decode()


def list_chip_keys(page):
    """Return the keys that the chips of a page switch off."""
    return [unescape(key) for key in re.findall(r'type="checkbox" name="chips_off" value="([^"]*)"', page)]


def draw_scene(browser, monkeypatch, tmp_path, **form):
    """Post the form. Returns the scene that the animatic draws for it."""
    answer = browser.post("/create/", FORM | form)
    assert answer.status_code == 302
    shots = []
    monkeypatch.setattr("generation.animatic.render.render", lambda shot, *_, **__: shots.append(shot))
    request = build_clip_request(Clip.objects.latest("created_at"))
    animatic.AnimaticProvider().draw(request, tmp_path / "clip.mp4", Watch(lambda *_: None, lambda: False))
    return shots[0].scene


def test_every_chip_can_be_switched_off_through_the_form(sign_in, mika, monkeypatch, tmp_path):
    browser = sign_in(mika)
    keys = list_chip_keys(get_understood(browser, prompt=PROMPT))

    assert {"subject:girl", "count:2", "colour:hair red", "colour:clothes blue", "line:Wait, please!"} <= set(keys)
    for key in keys:
        scene = draw_scene(browser, monkeypatch, tmp_path, prompt=PROMPT, chips_off=[key])
        assert Clip.objects.latest("created_at").chips_off == [key]
        assert (
            scene == understand(PROMPT, chips_off=frozenset({key}), seed=Clip.objects.latest("created_at").seed).scene
        )
    scene = draw_scene(
        browser, monkeypatch, tmp_path, prompt=PROMPT, chips_off=["colour:hair red", "count:2", "line:Wait, please!"]
    )
    (girl,) = scene.subjects
    assert (girl.count, girl.hair_colour, girl.line, girl.clothes) == (1, "", "", "yukata")


@pytest.mark.parametrize(
    ("change", "field", "wanted"),
    [
        ("subject:girl=boy", "kind", "boy"),
        ("count:2=5", "count", 5),
        ("clothes:yukata=coat", "clothes", "coat"),
        ("expression:smile=crying", "expression", "crying"),
    ],
)
def test_chip_can_be_changed(sign_in, mika, monkeypatch, tmp_path, change, field, wanted):
    browser = sign_in(mika)
    assert f'value="{change}"' in get_understood(browser, prompt=PROMPT)

    scene = draw_scene(browser, monkeypatch, tmp_path, prompt=PROMPT, chips_off=["", change])

    assert getattr(scene.subjects[0], field) == wanted
    before = understand(PROMPT, seed=Clip.objects.latest("created_at").seed).scene.subjects[0]
    assert getattr(before, field) != wanted


def test_chip_colour_and_place_can_be_changed(sign_in, mika, monkeypatch, tmp_path):
    changes = ["colour:hair red=hair blue", "place:sea=forest"]
    scene = draw_scene(sign_in(mika), monkeypatch, tmp_path, prompt=PROMPT, chips_off=changes)

    assert scene.subjects[0].hair_colour == understand("a blue-haired girl").scene.subjects[0].hair_colour
    assert scene.place == "forest"


def test_unknown_chip_change_is_ignored():
    for key in ("subject:girl=unicorn", "colour:hair red=eyes blue", "line:a=b", "count:2=900", "=", "subject:="):
        assert understand(PROMPT, chips_off=frozenset({key})).scene == understand(PROMPT).scene


def test_count_chip_sets_how_many_are_drawn(sign_in, mika):
    browser = sign_in(mika)
    change = "subject:cat=train"
    assert 'value="count:3=1" selected' in get_understood(browser, prompt="three cats", chips_off=[change])
    assert 'value="count:3=1" selected' not in get_understood(browser, prompt="three cats")

    browser.post("/create/", FORM | {"prompt": "three cats", "chips_off": [change]})
    page = read_text(browser.get(Clip.objects.get().get_absolute_url()).content.decode())
    assert "cats Train" in page and "three 1" in page


def test_changed_chip_stays_changed_on_reload(sign_in, mika):
    page = get_understood(sign_in(mika), prompt=PROMPT, chips_off=["subject:girl=boy", "count:2"])

    assert re.search(r'value="subject:girl=boy" selected', page)
    assert re.search(r'value="count:2" checked', page)


def test_unspecified_person_is_one_chip_for_any_seed(sign_in, mika, monkeypatch, tmp_path):
    browser = sign_in(mika)
    assert [
        key for key in list_chip_keys(get_understood(browser, prompt="someone walks home")) if "subject" in key
    ] == ["subject:someone"]

    for seed in ("1", "2", "3", "4"):
        form = {"prompt": "someone walks home", "seed": seed}
        assert not draw_scene(browser, monkeypatch, tmp_path, **form, chips_off=["subject:someone"]).subjects
        assert (
            draw_scene(browser, monkeypatch, tmp_path, **form, chips_off=["subject:someone=cat"]).subjects[0].kind
            == "cat"
        )


def test_chip_shows_its_meaning_beside_the_word(sign_in, mika):
    chips = read_text(get_understood(sign_in(mika), prompt="nobody at the lake, no rain"))

    assert "lake Sea" in chips
    assert "rain Excluded" in chips


def test_chip_meaning_is_shown_only_where_it_adds_something(subtests, sign_in, mika):
    for prompt, meanings in [
        ("a smiling girl runs in a blue coat on a hill, cherry petals, slow push-in", []),
        ("two guys at the lake", ["2", "Boy", "Sea"]),
        ("海边的少女", ["Girl", "Sea"]),
    ]:
        with subtests.test(prompt=prompt, meanings=meanings):
            assert sorted(re.findall(r"<small>(.*?)</small>", get_understood(sign_in(mika), prompt=prompt))) == meanings


def test_colour_that_is_part_of_a_chinese_word_does_not_repeat_the_word():
    reading = read_prompt({"prompt": "一只黑猫"}, over_picture=False)["reading"]
    assert [chip["text"] for chip in reading["chips"]] == ["黑猫", "Black"]


def test_undrawn_words_are_listed(subtests, sign_in, mika):
    for prompt, expected in [
        ("🦄🦄", "🦄🦄"),
        ("Naruto running", "Naruto, running"),
        ("for (i = 0; i < 9; i++) print(i)", "print"),
        ("<b>zorkmid</b>", "zorkmid"),
        ("लड़की समुद्र", "लड़की, समुद्र"),
        ("ผู้หญิงที่ทะเล", "ผู้หญิงที่ทะเล"),
        ("麒麟", "麒麟"),
        ("a blonde with a cape", "blonde, cape"),
    ]:
        with subtests.test(prompt=prompt, expected=expected):
            assert f"does not draw: {expected}." in read_text(get_understood(sign_in(mika), prompt=prompt))


def test_drawn_or_empty_words_are_not_listed_as_undrawn(subtests, sign_in, mika):
    for prompt in ["x", "→", "★", "", "a girl runs", "列車が走る", "café by the sea", "cafe\u0301 by the sea"]:
        with subtests.test(prompt=prompt):
            assert "does not draw" not in get_understood(sign_in(mika), prompt=prompt)


def test_all_unknown_words_are_listed(sign_in, mika):
    unknown_words = [f"zork{chr(97 + n)}" for n in range(20)]
    page = get_understood(sign_in(mika), prompt=" ".join(unknown_words))

    assert all(word in page for word in unknown_words)
    assert "and 8 more words" in read_text(page)


def test_words_without_effect_over_a_picture_are_listed(sign_in, mika):
    form = {"prompt": "a girl at the lake in heavy rain, pan left"}
    page = get_understood(sign_in(mika), **form, picture_file="me.jpg")

    assert list_chip_keys(page) == ["weather:rain", "camera:pan_left"]
    assert "so these words have no effect: girl, lake" in read_text(page)
    assert "have no effect" not in get_understood(sign_in(mika), **form)


def test_understanding_preview_works_without_script_and_creates_nothing(sign_in, mika):
    browser = sign_in(mika)

    page = browser.post("/create/", FORM | {"prompt": PROMPT, "chips_off": ["count:2"], "only_read": "1"})

    assert page.status_code == 200 and not Clip.objects.exists()
    assert "subject:girl" in list_chip_keys(page.content.decode())
    assert re.search(r'value="count:2" checked', page.content.decode())
    linked = browser.get("/create/", {"prompt": PROMPT, "chips_off": ["count:2", "subject:girl=boy"]}).text
    assert re.search(r'value="count:2" checked', linked) and re.search(r'value="subject:girl=boy" selected', linked)


def test_clip_page_lists_what_was_understood(sign_in, mika):
    browser = sign_in(mika)
    browser.post("/create/", FORM | {"prompt": "a girl with a zorkmid at the lake", "chips_off": ["subject:girl=boy"]})

    page = read_text(browser.get(Clip.objects.get().get_absolute_url()).content.decode())

    assert "girl Boy" in page and "lake Sea" in page and "chips_off" not in page
    assert "does not draw: zorkmid. It draws the rest." in page


def test_choices_beside_the_prompt_are_drawn(sign_in, mika):
    browser = sign_in(mika)
    browser.post("/create/", FORM | {"prompt": "a girl at the lake by day", "option_time": "night"})

    page = read_text(browser.get(Clip.objects.get().get_absolute_url()).content.decode())

    assert "day Night" in page and "lake Sea" in page


def test_chip_change_is_kept_while_a_choice_overrides_it(sign_in, mika):
    page = get_understood(sign_in(mika), prompt="a girl on a hill", chips_off="place:hill=room", option_place="sea")

    assert '<input type="hidden" name="chips_off" value="place:hill=room">' in page


def test_chosen_option_is_shown_on_its_chip(sign_in, mika):
    """The list under "Change the scene" wins over the words, so the chip says what will be drawn."""
    page = get_understood(
        sign_in(mika), prompt="a girl on a hill at sunset", option_place="sea", option_time="nonsense"
    )

    place = page[page.index('value="place:hill"') : page.index('value="time:sunset"')]
    assert "<small>Sea</small>" in place
    assert "<select" not in place
    assert "<select" in page[page.index('value="time:sunset"') :]


PROMPT_PARTS = ("watercolour", "sound of rain", "tense music")
STYLED_PROMPT = "a girl at the lake at night, watercolour, sound of rain, tense music"


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, ["Soft watercolour", "Sound of rain", "Tense music"]),
        ({"style": "cel"}, ["Soft watercolour", "Sound of rain", "Tense music"]),
        ({"style": "shonen"}, ["Shonen", "Sound of rain", "Tense music"]),
        ({"option_sound": "silent"}, ["Soft watercolour", "Silent", "Silent"]),
        ({"option_sound": "playful"}, ["Soft watercolour", "Sound of rain", "Playful music"]),
        (
            {"option_sound": "place", "option_place": "city", "style": "ink_wash"},
            ["Ink wash", "Sound of rain", "Ambient sound"],
        ),
    ],
)
def test_chosen_style_or_sound_replaces_the_words_on_their_chips(
    sign_in, mika, monkeypatch, tmp_path, choices, expected
):
    browser = sign_in(mika)
    scene = draw_scene(browser, monkeypatch, tmp_path, prompt=STYLED_PROMPT, **choices)
    clip = browser.get(Clip.objects.get().get_absolute_url()).content.decode()

    for page in (
        get_understood(browser, prompt=STYLED_PROMPT, **choices),
        clip[clip.index("What the animatic understood") :],
    ):
        after = [re.split(r"<li>|understood-chip", page.partition(words)[2])[0] for words in PROMPT_PARTS]
        labels = [re.findall(r"<small>(.*?)</small>", rest) for rest in after]
        assert [first[0] if first else "" for first in labels] == [
            "" if label.casefold() in words else label for words, label in zip(PROMPT_PARTS, expected, strict=True)
        ]
    assert get_label("style", scene.style) == expected[0]
    assert expected[1] == get_label("ambience", scene.ambience or "silent")
    assert (expected[2] == get_label("mood", scene.mood)) == bool(scene.mood)


def test_style_adds_nothing_that_the_prompt_excludes(sign_in, mika, monkeypatch, tmp_path):
    browser = sign_in(mika)
    words = "shonen, a boy runs through the city, no speed lines"

    assert draw_scene(browser, monkeypatch, tmp_path, prompt=words).refused_overlays == ("speed_lines",)
    assert (
        draw_scene(browser, monkeypatch, tmp_path, prompt=words, chips_off=["without:speed_lines"]).refused_overlays
        == ()
    )


def test_chips_reload_when_an_overriding_choice_changes(subtests, sign_in, mika):
    page = sign_in(mika).get("/create/").content.decode()
    trigger = re.search(r'id="understood"[^>]*hx-trigger="([^"]*)"', page).group(1)

    for part in ["composer-styles", "composer-extras", "composer-providers", "composer-pictures"]:
        with subtests.test(part=part):
            assert f"change from:.{part} " in trigger
            assert re.search(rf'class="[^"]*\b{part}\b', page), "the page has no such field"
