"""Without billing, no page, mail or error speaks of plans, credit or prices of the site.

The admin, which lists the tables as they are, is left out.
"""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.html import strip_tags

from accounts.billing.limits import PLAN_LIMITS, LimitReached
from accounts.billing.refusals import InsufficientFunds
from tests.sweep import sweep
from tests.test_permissions import FOR_VISITORS, PAGES, PUBLIC, ROWS, clip, mika, url_of

__all__ = ["clip", "mika"]

pytestmark = pytest.mark.django_db
# "Credit" and "balance" are left out where they name an author or what a provider's own account has.
WORDS = re.compile(
    r"\b(plans?|subscri\w+|vouchers?|invoices?|top up|upgrades?|packs?|wallets?|your (credit|balance)|spending caps?|"
    r"Stripe|checkout|refund(s|ed)? to your card)\b",
    re.IGNORECASE,
)
NOT_MEANT = re.compile(r"(film|shot|scene) plans?", re.IGNORECASE)
BILLING_ONLY = re.compile(r"templates/(plans|payments)/|/cap_")  # mails that are sent with billing only


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


def test_no_page_speaks_of_plans_or_credit(clip, mika):
    mika.is_staff = mika.is_superuser = True
    mika.save()
    member, visitor = Client(), Client()
    member.force_login(mika)
    member.post("/account/reauthenticate/", {"password": "petals in the wind"})

    with sweep(name for name in [*PAGES, *ROWS] if not name.startswith("admin:")) as pages:
        for name in pages:
            with pages.row(name):
                path = get_path(name, clip)
                for browser in (member, visitor) if name in PUBLIC | FOR_VISITORS else (member,):
                    response = browser.get(path or "/")
                    if response.status_code == 200 and "html" in response.headers.get("Content-Type", ""):
                        assert find_words(response.content.decode()) == [], path


def test_no_mail_and_no_refusal_speaks_of_plans_or_credit():
    mails = (Path(__file__).parent.parent.parent / "templates").rglob("email/*.txt")
    texts = {str(path): path.read_text() for path in mails if not BILLING_ONLY.search(str(path))}
    texts |= {name: LimitReached(name, used=1, limit=1, needed=1).message for name in PLAN_LIMITS}
    texts["balance"] = InsufficientFunds(2, 1, "USD").message

    assert {name: found for name, text in texts.items() if (found := find_words(text))} == {}
