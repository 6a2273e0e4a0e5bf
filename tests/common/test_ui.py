"""Template components, icons and formatting filters."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone, translation

from common.hooks import SiteHooks
from common.templatetags import ui
from common.web.components import LOOK_ICONS
from tests.hooks import register_for_test


def render(source, **context):
    return Template(source).render(Context(context)).strip()


def test_component_sees_only_its_arguments():
    html = render(
        '{% component "note" look="sky" %}{{ secret }}{% endcomponent %}', secret="<b>ink</b>", icon="no-such-icon"
    )

    assert "&lt;b&gt;ink&lt;/b&gt;" in html
    assert "no-such-icon" not in html


def test_slot_shows_its_content_and_escapes_plain_text(monkeypatch):
    renderers = [lambda context: context["word"], lambda context: "<i>"]
    register_for_test(monkeypatch, SiteHooks(slots={"place": renderers}))

    assert render('{% slot "place" %}', word="ink ") == "ink &lt;i&gt;"


def test_empty_slot_shows_nothing():
    assert render('{% slot "unknown" %}') == ""


def test_icon_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in render('{% icon "camera" %}')
    assert "sprite.svg#camera" in render('{% icon "camera" %}')


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (4.5, "4.5 s"), (0, "0 s"), (84, "1:24"), (3723, "1:02:03"), (None, "")]
)
def test_durations_are_formatted(seconds, text):
    assert ui.duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(1.5, "01+12"), (0, "00+00"), (None, "00+00"), (3.99, "04+00")])
def test_timecodes_have_seconds_and_frames(seconds, text):
    assert ui.timecode(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (900, "900 B"), (2048, "2 KB"), (2202010, "2.1 MB"), (None, "")]
)
def test_byte_counts_are_formatted(count, text):
    assert ui.byte_size(count) == text


@pytest.mark.parametrize(
    ("name", "letters"), [("Mei Tanaka", "MT"), ("ren", "RE"), ("mei.t@example.org", "MT"), ("对位", "对位")]
)
def test_initials_are_derived_from_names(name, letters):
    assert ui.initials(name) == letters


def test_chinese_title_uses_the_cjk_font():
    assert ui.face("灯火下的猫, take 2") == "own"
    assert ui.face("Night train – “slow” × 2…") == ""


def test_initials_of_an_empty_name_are_a_placeholder():
    assert ui.initials("") == "·"


def test_every_job_state_has_a_style():
    from jobs.models import State

    assert {state for state in State if ui.look(state) not in LOOK_ICONS} == set()


def test_time_is_shown_relative_and_absolute():
    moment = timezone.now() - timedelta(minutes=3, seconds=5)

    with translation.override("en"):
        html = render("{% ago moment %}", moment=moment)

    assert "3\xa0minutes ago" in html
    assert moment.isoformat() in html


def test_message_can_be_dismissed():
    message = Message(constants.SUCCESS, "Moved.", extra_tags="undo:/jobs/undo/7/")

    assert ui.undo_path(message) == "/jobs/undo/7/"
    assert ui.toast_look(message) == "ok"
    assert ui.undo_path(Message(constants.INFO, "Saved.")) == ""
    assert ui.message_lack(Message(constants.ERROR, "No.", extra_tags="lacks:credit")) == "credit"


def test_list_separator_is_localized_and_escaped(monkeypatch):
    assert render("{{ items|listed }}", items=["<i>", "50 %", 3]) == "&lt;i&gt;, 50 %, 3"
    assert render("{{ items|listed }}", items=["one"]) == "one"
    assert render("{{ items|listed }}", items=()) == ""

    monkeypatch.setattr(ui, "_", lambda text: text.replace(", ", "、"))
    assert render("{{ items|listed }}", items=["一", "二"]) == "一、二"


def test_addresses_break_only_after_their_punctuation():
    url, email = "https://a.example/<key>", "mika.ito@studio.example"

    assert ui.breakable(url) == "https://<wbr>a.<wbr>example/<wbr>&lt;key&gt;"
    assert ui.breakable(email) == "mika.<wbr>ito@<wbr>studio.<wbr>example"


def test_url_tag_names_pages_and_rows_like_reverse():
    pk = uuid.uuid4()

    assert render("{% url 'jobs:job' pk %}", pk=pk) == reverse("jobs:job", args=[pk])
    assert render("{% url 'jobs:queue' as page %}{{ page }}{{ page }}") == reverse("jobs:queue") * 2
    assert render("{% url 'jobs:nowhere' as page %}{{ page }}") == ""


def test_translate_follows_the_language_of_each_rendering():
    page = Template('{% translate "Delete" %} {% translate "Delete" as word %}{{ word }}')
    texts = []
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            texts.append(page.render(Context()))

    assert texts == ["Delete Delete", "删除 删除", "Delete Delete"]


def test_translate_keeps_percent_signs_and_markup_and_translates_variables():
    with translation.override("zh-hans"):
        mail = render('{% translate "Owners get a mail when 50%, 80% and all of a cap is used." %}')
        assert mail == "上限用到 50%、80% 和用完时，所有者会收到邮件。"
        assert render('{% translate "5 % <b>" %}') == "5 % <b>"
        assert render("{% translate word %}", word="Delete") == "删除"
        assert render("{% translate word %}", word="<b>") == "&lt;b&gt;"
