"""Admin page for the overrides of a provider."""

import html

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import AuditEvent, User
from generation.admin.override_form import BOUNDS, LABELS
from generation.providers import overrides
from generation.providers.models import ProviderOverride
from generation.providers.registry import provider, providers
from generation.providers.remote import Billing

pytestmark = pytest.mark.django_db
ADD = reverse("admin:generation_provideroverride_add")
LIST = reverse("admin:generation_provideroverride_changelist")
REMOTE = [engine for engine in providers().values() if not engine.is_local]


def read_page(browser, slug) -> str:
    return html.unescape(browser.get(f"{ADD}?provider={slug}").text)


def submit_form(browser, slug, **fields) -> str:
    return html.unescape(browser.post(f"{ADD}?provider={slug}", fields, follow=True).text)


def change_url(row) -> str:
    return reverse("admin:generation_provideroverride_change", args=[row.pk])


def test_page_shows_declared_values_and_model_notes_of_each_provider(admin_browser, subtests):
    for engine in REMOTE:
        with subtests.test(slug=engine.slug):
            page = read_page(admin_browser, engine.slug)
            for name, label in LABELS.items():
                assert f'name="{name}"' in page and str(label) in page
            assert page.count("Declared: ") == len(LABELS)
            assert "UNCERTAIN" in page, "the notes on its models are missing"


def test_page_explains_what_a_billing_rule_means(admin_browser):
    page = read_page(admin_browser, "runway")

    assert "fails later keeps its price" in page and "Declared: unknown." in page


def test_list_counts_overrides(admin_browser):
    def read_count():
        return " ".join(admin_browser.get(LIST).text.partition('class="paginator"')[2].partition("</nav>")[0].split())

    assert "0 provider overrides" in read_count()
    ProviderOverride.objects.create(provider="kling", per_minute=2)
    assert "1 provider override" in read_count()


def test_list_links_every_remote_provider(admin_browser):
    page = admin_browser.get(LIST).text

    for engine in REMOTE:
        assert f"?provider={engine.slug}" in page
    assert "?provider=animatic" not in page
    assert admin_browser.get(f"{ADD}?provider=animatic").url == LIST
    assert admin_browser.get(ADD).url == LIST


def test_override_takes_effect_at_once_and_is_audited(admin_browser):
    fields = {"is_busy_refusal": "False", "billing": "success", "deadline_minutes": "120", "per_minute": "12"}

    page = submit_form(admin_browser, "runway", source="A mail of their support", **fields)

    traits = provider("runway").traits
    assert (traits.is_busy_refusal, traits.is_busy_unclear, traits.billing) == (False, True, Billing.SUCCESS)
    assert (traits.deadline, traits.per_minute) == (7200, 12)
    assert traits.concurrency == provider("runway").declared.concurrency, "an empty field changed the declared value"
    assert "A mail of their support" in page
    event = AuditEvent.objects.get(verb="override.changed")
    assert event.target == "runway" and event.facts["values"]["billing"] == "success"
    assert LogEntry.objects.get().object_repr == "runway"
    assert provider("fal").traits == provider("fal").declared


def test_override_is_changed_and_deleted(admin_browser):
    submit_form(admin_browser, "fal", concurrency="9", is_busy_refusal="True")
    row = ProviderOverride.objects.get()
    assert admin_browser.get(f"{ADD}?provider=fal").url == change_url(row), "a second row can be added"
    page = admin_browser.get(change_url(row)).text
    assert '<option value="True" selected>' in page and 'value="9"' in page

    admin_browser.post(change_url(row), {"concurrency": "", "is_busy_refusal": "True"})
    assert provider("fal").traits.concurrency == provider("fal").declared.concurrency
    event = AuditEvent.objects.filter(verb="override.changed").latest("at")
    assert event.facts["values"] == {"concurrency": None}

    admin_browser.post(reverse("admin:generation_provideroverride_delete", args=[row.pk]), {"post": "yes"})
    assert provider("fal").traits is provider("fal").declared
    assert AuditEvent.objects.filter(verb="override.deleted").count() == 1


INVALID = [
    *((name, str(value)) for name, (least, most) in BOUNDS.items() for value in (least - 1, most + 1)),
    ("per_minute", "many"), ("billing", "free"), ("billing", "sometimes"), ("is_busy_refusal", "perhaps"),
]  # fmt: skip


def test_invalid_value_is_refused_and_changes_nothing(admin_browser, subtests):
    for name, value in INVALID:
        with subtests.test(name=name, value=value):
            page = submit_form(admin_browser, "kling", **{name: value, "source": "hearsay"})
            if name in BOUNDS:
                least, most = BOUNDS[name]
                assert (
                    f"Enter a whole number from {least} to {most}, or leave the field empty. Nothing was changed."
                    in page
                )
            assert "errorlist" in page
            assert not ProviderOverride.objects.exists()
            assert not AuditEvent.objects.filter(verb__startswith="override").exists()
            assert provider("kling").traits == provider("kling").declared


def test_override_of_an_uninstalled_provider_is_shown_and_can_only_be_deleted(admin_browser):
    row = ProviderOverride.objects.create(provider="gone", per_minute=9)
    overrides.clear_cache()

    assert admin_browser.get(change_url(row)).status_code == 200 and admin_browser.get(LIST).status_code == 200
    assert admin_browser.post(change_url(row), {"source": "x"}).status_code == 403
    admin_browser.post(reverse("admin:generation_provideroverride_delete", args=[row.pk]), {"post": "yes"})
    assert not ProviderOverride.objects.exists()


def test_view_permission_shows_the_page_and_allows_no_change(admin_browser, mika):
    row = ProviderOverride.objects.create(provider="vidu", per_minute=9)
    User.objects.filter(pk=mika.pk).update(is_superuser=False)
    mika.user_permissions.add(Permission.objects.get(codename="view_provideroverride"))

    assert admin_browser.get(change_url(row)).status_code == 200
    assert admin_browser.post(change_url(row), {"per_minute": "10"}).status_code == 403


def test_user_without_admin_access_sees_nothing(mika, sign_in):
    assert sign_in(mika).get(LIST).status_code == 302
