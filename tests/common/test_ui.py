"""How templates word and dress things."""

from datetime import timedelta

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.utils import timezone, translation

from common import slots
from common.templatetags import ui


def render(source, **context):
    return Template(source).render(Context(context)).strip()


def test_a_part_sees_only_what_it_is_given():
    shown = render(
        '{% component "note" look="sky" %}{{ secret }}{% endcomponent %}', secret="<b>ink</b>", icon="no-such-icon"
    )

    assert "&lt;b&gt;ink&lt;/b&gt;" in shown
    assert "no-such-icon" not in shown


def test_a_slot_shows_what_was_put_there_and_escapes_plain_text(monkeypatch):
    monkeypatch.setitem(slots._slots, "here", [lambda context: context["word"], lambda context: "<i>"])

    assert render('{% slot "here" %}', word="ink ") == "ink &lt;i&gt;"


def test_an_empty_slot_shows_nothing():
    assert render('{% slot "nobody fills this" %}') == ""


def test_an_icon_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in render('{% icon "camera" %}')
    assert "sprite.svg#camera" in render('{% icon "camera" %}')


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (4.5, "4.5 s"), (0, "0 s"), (84, "1:24"), (3723, "1:02:03"), (None, "")]
)
def test_durations(seconds, words):
    assert ui.duration(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(1.5, "01+12"), (0, "00+00"), (None, "00+00"), (3.99, "04+00")])
def test_timecodes_count_seconds_and_frames(seconds, words):
    assert ui.timecode(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (900, "900 B"), (2048, "2 KB"), (2202010, "2.1 MB"), (None, "")]
)
def test_byte_counts(count, words):
    assert ui.byte_size(count) == words


@pytest.mark.parametrize(
    ("name", "letters"), [("Mei Tanaka", "MT"), ("ren", "RE"), ("mei.t@example.org", "MT"), ("对位", "对位")]
)
def test_initials(name, letters):
    assert ui.initials(name) == letters


def test_a_title_with_chinese_is_set_in_the_face_that_has_all_of_it():
    assert ui.face("灯火下的猫, take 2") == "own"
    assert ui.face("Night train – “slow” × 2…") == ""


def test_initials_of_nothing_are_a_mark_and_not_an_error():
    assert ui.initials("") == "·"


def test_every_state_of_a_job_has_a_look():
    from jobs.models import State

    assert {state for state in State if ui.look(state) not in ui.LOOK_ICONS} == set()


def test_when_something_was_is_said_in_words_and_in_full():
    moment = timezone.now() - timedelta(minutes=3, seconds=5)

    with translation.override("en"):
        shown = render("{% ago moment %}", moment=moment)

    assert "3\xa0minutes ago" in shown
    assert moment.isoformat() in shown


def test_a_message_can_be_taken_back():
    message = Message(constants.SUCCESS, "Moved.", extra_tags="undo:/jobs/undo/7/")

    assert ui.undo_path(message) == "/jobs/undo/7/"
    assert ui.toast_look(message) == "ok"
    assert ui.undo_path(Message(constants.INFO, "Saved.")) == ""


def test_a_list_has_between_its_items_what_the_language_puts_there_and_is_escaped(monkeypatch):
    assert render("{{ each|listed }}", each=["<i>", "50 %", 3]) == "&lt;i&gt;, 50 %, 3"
    assert render("{{ each|listed }}", each=["one"]) == "one"
    assert render("{{ each|listed }}", each=()) == ""

    monkeypatch.setattr(ui, "_", lambda words: words.replace(", ", "、"))
    assert render("{{ each|listed }}", each=["一", "二"]) == "一、二"
