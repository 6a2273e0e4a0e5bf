"""Without billing, no page, mail or error speaks of plans, credit or prices of the site."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.html import strip_tags

from accounts.billing.limits import PLAN_LIMITS, limit_reached
from accounts.billing.payments.sentences import REFUSALS
from accounts.billing.refusals import InsufficientFunds
from common.hooks import SiteHooks
from tests.sweep import sweep
from tests.test_permissions import FOR_VISITORS, PAGES, PUBLIC, ROWS, clip, mika, url_of

__all__ = ["clip", "mika"]

pytestmark = pytest.mark.django_db
# "Credit" and "balance" are left out where they name an author or what a provider's own account has.
WORDS = re.compile(
    r"\b(plans?|subscri\w+|vouchers?|invoices?|top up|upgrades?|packs?|wallets?|your (credit|balance)|spending caps?|"
    r"Stripe|checkout|refund(s|ed)? to your card|ledger entr(y|ies)|grants|exchange rates?|packs? of credit)\b",
    re.IGNORECASE,
)
NOT_MEANT = re.compile(r"(film|shot|scene) plans?|a resource pack may be cheaper", re.IGNORECASE)  # of providers
BILLING_ONLY = re.compile(r"templates/(plans|payments)/|/cap_")  # mails that are sent with billing only
BILLING_SENTENCES = {"limit_way_plan", "funds_ways", "rate_unknown", *REFUSALS}
OF_PROVIDERS = {"blocked_quota"}  # what a provider's own account lacks


def find_words(text: str) -> list[str]:
    """Return the words about plans and payments in a page or mail, without those in addresses and code."""
    visible = strip_tags(re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL))
    return [found.group() for found in WORDS.finditer(NOT_MEANT.sub("", visible))]


def get_path(name: str, clip) -> str:
    """Return the address of a page, "" for one of a row with a number, which only billing has."""
    try:
        return url_of(name, clip) if name in ROWS else reverse(name)
    except NoReverseMatch:
        return ""


def list_admin_pages():
    """Yield the addresses of the lists and forms of all models in the admin, and of a row of each that has some."""
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield from (reverse(f"{name}_changelist"), reverse(f"{name}_add"))
        if row := model._default_manager.first():
            yield reverse(f"{name}_change", args=[row.pk])


def test_no_page_speaks_of_plans_or_credit(clip, mika, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    mika.is_staff = mika.is_superuser = True
    mika.save()
    member, visitor = Client(), Client()
    member.force_login(mika)
    member.post("/account/reauthenticate/", {"password": "petals in the wind"})
    others = ["/no-such-page/", *list_admin_pages()]

    with sweep([*(name for name in [*PAGES, *ROWS] if not name.startswith("admin:")), *others]) as pages:
        for name in pages:
            with pages.row(name):
                path = name if name in others else get_path(name, clip)
                for browser in (member, visitor) if name in PUBLIC | FOR_VISITORS else (member,):
                    response = browser.get(path or "/")
                    if "html" in response.headers.get("Content-Type", ""):
                        assert find_words(response.content.decode()) == [], path


def test_no_mail_and_no_refusal_speaks_of_plans_or_credit():
    mails = (Path(__file__).parents[3] / "templates").rglob("email/*.txt")
    texts = {str(path): path.read_text() for path in mails if not BILLING_ONLY.search(str(path))}
    texts |= {name: limit_reached(name, used=1, limit=1, needed=1).message for name in PLAN_LIMITS}
    texts["balance"] = InsufficientFunds(2, 1, "USD").message
    texts |= {
        code: str(text)
        for code, text in SiteHooks.merged("sentences").items()
        if code not in BILLING_SENTENCES | OF_PROVIDERS
    }

    assert {name: found for name, text in texts.items() if (found := find_words(text))} == {}
