"""The admin on what is known of a provider: what is declared, what is uncertain, and what an operator changes."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.models import AuditEvent
from generation.admin.override_form import BOUNDS, LABELS, facts_of
from generation.providers import overrides
from generation.providers.models import ProviderManners
from generation.providers.registry import provider, providers
from generation.providers.remote import Billing, Recovery
from tests.generation.providers.connections.asking import ADD, read, say

pytestmark = pytest.mark.django_db
LIST = "admin:generation_providermanners_changelist"
ELSEWHERE = [engine for engine in providers().values() if not engine.is_local]


@pytest.mark.parametrize("engine", ELSEWHERE, ids=lambda engine: engine.slug)
def test_the_page_names_what_is_declared_and_what_is_uncertain_of_each_provider(chief, engine):
    page = read(chief, engine.slug)

    assert engine.doubts, "an operator reads of nothing that it is uncertain"
    assert set(engine.doubts) <= set(facts_of(engine)) | {"can_be_found"}
    for name in facts_of(engine):
        assert f'name="{name}"' in page and str(LABELS[name]) in page
        assert str(engine.doubts.get(name, "")) in page
    assert page.count("Declared: ") == len(facts_of(engine)) + len(engine.ways)
    assert "UNCERTAIN" in page, "the notes at the head of its models"


def test_the_page_says_what_a_choice_means_for_money(chief):
    page = read(chief, "runway")

    assert "Most failures are given back" in page and "that fails later keeps its price" in page
    assert "Declared: unknown." in page
    assert "a clip is bought twice" in read(chief, "kling")


def test_the_list_counts_in_words_that_read_right(chief):
    def counted():
        return " ".join(chief.get(reverse(LIST)).text.partition('class="paginator"')[2].partition("</nav>")[0].split())

    assert "0 providers with known ways" in counted()
    ProviderManners.objects.create(provider="kling", misses=2)
    assert "1 provider with known ways" in counted()


def test_the_list_has_a_link_for_every_provider_and_none_for_the_animatic(chief):
    page = chief.get(reverse(LIST)).text

    for engine in ELSEWHERE:
        assert f"?provider={engine.slug}" in page
    assert "?provider=animatic" not in page
    assert chief.get(f"{ADD}?provider=animatic").url == reverse(LIST)
    assert chief.get(ADD).url == reverse(LIST)


def test_what_an_operator_says_is_in_effect_at_once_and_written_down(chief, mika):
    told = {"busy_never_creates": "False", "billing": "success", "deadline_minutes": "120", "per_minute": "12"}

    page = say(chief, "runway", source="A mail of their support", **told)

    now = provider("runway").manners
    assert (now.busy_never_creates, now.busy_may_create, now.billing) == (False, True, Billing.SUCCESS)
    assert (now.deadline, now.per_minute) == (7200, 12)
    assert now.look_every == provider("runway").declared.look_every, "an empty field leaves what is declared"
    assert "A mail of their support" in page
    event = AuditEvent.objects.get(verb="manners.changed")
    assert event.target == "runway" and event.facts["told"]["billing"] == "success"
    assert LogEntry.objects.get().object_repr == "runway"
    assert provider("fal").manners == provider("fal").declared


def test_it_is_changed_and_dropped_again(chief):
    say(chief, "fal", misses="9", busy_never_creates="True")
    row = ProviderManners.objects.get()
    change = reverse("admin:generation_providermanners_change", args=[row.pk])
    assert chief.get(f"{ADD}?provider=fal").url == change, "there is one of each provider"
    page = chief.get(change).text
    assert '<option value="True" selected>' in page and 'value="9"' in page

    chief.post(change, {"misses": "", "busy_never_creates": "True"})
    assert provider("fal").manners.misses == provider("fal").declared.misses
    assert AuditEvent.objects.filter(verb="manners.changed").latest("at").facts["told"] == {"misses": None}

    chief.post(reverse("admin:generation_providermanners_delete", args=[row.pk]), {"post": "yes"})
    assert provider("fal").manners is provider("fal").declared
    assert AuditEvent.objects.filter(verb="manners.dropped").count() == 1


WRONG = [
    *((name, str(value)) for name, (least, most) in BOUNDS.items() for value in (least - 1, most + 1)),
    ("misses", "many"), ("billing", "free"), ("billing", "sometimes"), ("can_be_found", "True"),
    ("absence_is_proof", "perhaps"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_bad_value_is_refused_in_words_and_changes_nothing(chief, name, value):
    page = say(chief, "kling", **{name: value, "source": "hearsay"})

    if name in BOUNDS:
        least, most = BOUNDS[name]
        assert f"Enter a whole number from {least} to {most}, or leave the field empty. Nothing was changed." in page
    assert "errorlist" in page
    assert not ProviderManners.objects.exists() and not AuditEvent.objects.filter(verb__startswith="manners").exists()
    assert provider("kling").manners == provider("kling").declared


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"look_every": "60"}, "later must not be shorter"),
        ({"look_at_most_every": "5"}, "later must not be shorter"),
        ({"can_be_found": "False", "absence_is_proof": "True"}, "What nobody looks for proves nothing"),
    ],
)
def test_what_together_makes_no_sense_is_refused(chief, facts, words):
    assert words in say(chief, "kling", **facts)
    assert not ProviderManners.objects.exists()


def test_nobody_can_claim_what_an_adapter_cannot_do(chief):
    """Runway has no list and no reference of ours: the page does not ask, and whatever is sent changes nothing."""
    page = read(chief, "runway")
    assert 'name="can_be_found"' not in page and 'name="absence_is_proof"' not in page
    assert 'name="recovery"' not in page and 'name="good_key"' not in page

    say(chief, "runway", can_be_found="True", absence_is_proof="True", recovery="own_id", good_key="404", misses="5")

    now = provider("runway").manners
    assert (now.recovery, now.absence_is_proof, now.good_key) == (Recovery.NONE, False, ())
    assert now.misses == 5


@pytest.mark.parametrize(("sent", "kept"), [("404", (404,)), ("404,422", (404, 422)), (" 404 ; ", None), ("", None)])
def test_an_operator_says_what_a_good_key_of_fal_hears(chief, sent, kept):
    page = say(chief, "fal", good_key=sent)

    assert ("Write statuses from 400 to 499" in page) == (";" in sent)
    assert provider("fal").manners.good_key == (kept or provider("fal").declared.good_key)


@pytest.mark.parametrize("status", ["401", "403", "429", "500", "200", "²²²", "4040"])
def test_no_refusal_of_a_key_can_be_called_good(chief, status):
    page = say(chief, "fal", good_key=f"404, {status}")

    assert "Nothing was changed." in page
    assert provider("fal").manners.good_key == (400, 404, 422)


def test_a_row_of_a_provider_that_this_install_has_no_more_is_shown_and_changes_nothing(chief):
    row = ProviderManners.objects.create(provider="gone", misses=9)
    overrides.forget()

    change = reverse("admin:generation_providermanners_change", args=[row.pk])
    assert chief.get(change).status_code == 200 and chief.get(reverse(LIST)).status_code == 200
    assert chief.post(change, {"source": "x"}).status_code == 403
    chief.post(reverse("admin:generation_providermanners_delete", args=[row.pk]), {"post": "yes"})
    assert not ProviderManners.objects.exists()


def test_who_is_no_operator_sees_none_of_it(mika, sign_in):
    assert sign_in(mika).get(reverse(LIST)).status_code == 302
