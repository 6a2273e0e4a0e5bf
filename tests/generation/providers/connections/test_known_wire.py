"""The admin on how a provider is spoken with: the forms that an operator can choose, and what its status words mean."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import AuditEvent, User
from generation.admin.override_wire import MOST_WORDS
from generation.providers import overrides, parsing
from generation.providers.models import ProviderManners
from generation.providers.registry import provider, providers
from generation.providers.remote import Stage
from tests.generation.providers.connections.asking import read, say

pytestmark = pytest.mark.django_db
LIST = reverse("admin:generation_providermanners_changelist")
ELSEWHERE = [engine for engine in providers().values() if not engine.is_local]
WAYS = [(engine, way) for engine in ELSEWHERE for way in engine.ways]
TAUGHT = {"pondering": "running", "Simmering": "failed"}


def change(row) -> str:
    return reverse("admin:generation_providermanners_change", args=[row.pk])


@pytest.mark.parametrize(("engine", "way"), WAYS, ids=lambda one: getattr(one, "slug", getattr(one, "name", "")))
def test_the_page_offers_each_form_with_what_is_declared_and_what_a_choice_means(chief, engine, way):
    page = read(chief, engine.slug)

    assert str(way.label) in page and str(way.meaning) in page
    for value, words in way.choices:
        assert f'<option value="{value}">{words}</option>' in page
    assert f"Declared: {dict(way.choices)[way.declared]}." in page
    assert engine.way(way.name) == way.declared == way.choices[0][0]
    assert len({value for value, _words in way.choices}) == len(way.choices) > 1


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("gemini", "a clip may be charged that nobody can find again"),
        ("openai-compatible", "the clip is made and charged there and nobody sees it"),
        ("minimax-v2", "the clip is made and charged there and nobody sees it"),
        ("vidu", "its price is held"),
        ("ark", "a refusal costs nothing"),
    ],
)
def test_the_page_says_what_a_form_means_for_money(chief, slug, words):
    assert words in read(chief, slug)


@pytest.mark.parametrize(("engine", "way"), WAYS, ids=lambda one: getattr(one, "slug", getattr(one, "name", "")))
def test_another_form_is_in_effect_at_once_and_written_down_and_taken_back(chief, engine, way):
    other = way.choices[-1][0]

    page = say(chief, engine.slug, **{f"way_{way.name}": other})

    assert engine.way(way.name) == other
    assert str(way.label) in page, "the list tells what is other than declared"
    assert AuditEvent.objects.get(verb="manners.changed").facts["told"] == {"ways": {way.name: other}}
    row = ProviderManners.objects.get()
    assert f'<option value="{other}" selected>' in chief.get(change(row)).text

    chief.post(change(row), {f"way_{way.name}": ""})
    assert engine.way(way.name) == way.declared
    assert ProviderManners.objects.get().ways == {}


@pytest.mark.parametrize("value", ["scrolling", "pager ", "\x00", "x" * 5000])
def test_a_form_that_no_adapter_has_is_refused_and_changes_nothing(chief, value):
    page = say(chief, "vidu", way_paging=value, misses="9")

    assert "errorlist" in page
    assert not ProviderManners.objects.exists() and not AuditEvent.objects.filter(verb__startswith="manners").exists()


def test_a_choice_that_is_no_more_changes_nothing_and_the_page_says_so(chief):
    row = ProviderManners.objects.create(
        provider="vidu", ways={"paging": "scrolls", "<gone>": "x", "progress": "share"}
    )
    overrides.forget()
    assert (provider("vidu").way("paging"), provider("vidu").way("progress")) == ("pager", "share")

    page = chief.get(change(row)).text
    assert "“scrolls” was chosen for How its list of tasks is paged and is no more" in page
    assert "“x” was chosen for &lt;gone&gt; and is no more" in page

    chief.post(change(row), {"way_progress": "share"})
    assert ProviderManners.objects.get().ways == {"progress": "share"}
    assert "is no more" not in chief.get(change(row)).text


@pytest.mark.parametrize("kept", [None, [], "paper", {"paging": 7}, {"paging": ["paper"]}])
def test_what_other_hands_wrote_into_a_row_changes_nothing(kept):
    row = ProviderManners(provider="vidu", ways=kept, status_words=kept)
    overrides._kept["all"] = (0.0, {"vidu": overrides._read(row)})

    assert provider("vidu").way("paging") == "pager"
    assert parsing.stage_of("vidu", "paging", {}) is None


# --- status words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [each for each in ELSEWHERE if each.stages], ids=lambda engine: engine.slug)
def test_the_page_shows_the_adapters_own_words_and_what_failed_means_for_money(chief, engine):
    page = read(chief, engine.slug)

    for word, stage in engine.stages.items():
        assert f"{word} = {stage}" in page
    assert 'name="status_words"' in page
    assert "its price is given back or kept as “It charges” says" in page


def test_a_word_is_taught_and_forgotten_again(chief):
    page = say(chief, "runway", status_words="pondering = running\r\n\r\n  Simmering=FAILED ")

    assert parsing.stage_of("runway", "Pondering", {}) == Stage.RUNNING
    assert parsing.stage_of("runway", "simmering", {}) == Stage.FAILED
    assert parsing.stage_of("fal", "simmering", {}) is None
    assert "status words" in page
    assert AuditEvent.objects.get(verb="manners.changed").facts["told"] == {"status_words": TAUGHT}
    row = ProviderManners.objects.get()
    assert "pondering = running\nSimmering = failed</textarea>" in chief.get(change(row)).text

    chief.post(change(row), {"status_words": "pondering = running\nSimmering = failed", "misses": "9"})
    event = AuditEvent.objects.filter(verb="manners.changed").latest("at")
    assert event.facts["told"] == {"misses": 9}, "the words are as they were"

    chief.post(change(row), {"status_words": "", "misses": "9"})
    assert parsing.stage_of("runway", "simmering", {}) is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("pondering", "Line 1: write “word = stage” with one of queued, running, succeeded, failed, cancelled."),
        ("a = failed\npondering = done", "Line 2: write “word = stage”"),
        ("= failed", "Line 1: write “word = stage”"),
        ("pondering =", "Line 1: write “word = stage”"),
        (f"{'x' * 61} = failed", "Line 1: write “word = stage”"),
        ("pon\u200bdering = failed", "Line 1: write “word = stage”"),
        ("pondering = running\n\nPONDERING = failed", "Line 3: “PONDERING” stands there twice."),
        ("\n".join(f"word{n} = failed" for n in range(MOST_WORDS + 1)), "More than 50 words are not kept."),
        ("pon\x00dering = failed", "Line 1: write “word = stage”"),
    ],
)
def test_what_is_no_word_and_stage_is_refused_in_words_and_changes_nothing(chief, lines, words):
    page = say(chief, "runway", status_words=lines, misses="9")

    assert words in page and "errorlist" in page
    assert lines.splitlines()[-1] in page, "what was written is gone"
    assert not ProviderManners.objects.exists() and not AuditEvent.objects.filter(verb__startswith="manners").exists()
    assert overrides.words("runway") == {}


def test_a_provider_without_status_words_is_taught_none(chief):
    assert 'name="status_words"' not in read(chief, "comfyui")

    say(chief, "comfyui", status_words="pondering = failed", misses="9")

    assert ProviderManners.objects.get().status_words == {}


def test_who_may_only_look_sees_the_page(chief, mika):
    row = ProviderManners.objects.create(provider="vidu", ways={"paging": "paper"}, status_words=TAUGHT)
    User.objects.filter(pk=mika.pk).update(is_superuser=False)
    mika.user_permissions.add(Permission.objects.get(codename="view_providermanners"))

    assert chief.get(change(row)).status_code == 200
    assert chief.post(change(row), {"way_paging": "numbers"}).status_code == 403
