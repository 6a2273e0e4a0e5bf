"""Account pages: layout, content policy and sign-in."""

import re

import pytest
from django.urls import reverse

from tests.factories import UserFactory

SIGNED_OUT_PAGES = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
SIGNED_OUT_PAGES += ["account_inactive", "account_email_verification_sent", "account_reset_password_from_key_done"]
OWN_PAGES = [
    "accounts:settings",
    "accounts:appearance",
    "accounts:security",
    "accounts:privacy",
    "accounts:usage",
    "accounts:limits",
    "account_email",
]
OWN_PAGES += ["account_change_password", "mfa_index", "mfa_list_webauthn", "usersessions_list"]
PROTECTED_PAGES = ["mfa_activate_totp", "mfa_add_webauthn"]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(src=|type=\"application/json\"))", re.IGNORECASE)

pytestmark = pytest.mark.django_db


def check_layout(response) -> str:
    """Check that the page has our layout and nothing that the content policy blocks. Returns its HTML."""
    text = response.content.decode()
    assert "css/main.css" in text
    assert not INLINE.search(text), INLINE.search(text)
    assert text.count("<h1") == 1
    return text


def test_signed_out_pages_use_our_layout_and_policy(subtests, client):
    for language in ["en", "zh-hans"]:
        for name in SIGNED_OUT_PAGES:
            with subtests.test(language=language, name=name):
                response = client.get(reverse(name), headers={"Accept-Language": language})

                assert response.status_code == 200
                assert f'<html lang="{language}"' in check_layout(response)


def test_account_pages_use_our_layout_and_policy_and_are_marked_in_the_menu(subtests, sign_in, mika):
    browser = sign_in(mika)
    for name in [*OWN_PAGES, "account_logout"]:
        with subtests.test(name=name):
            response = browser.get(reverse(name))

            assert response.status_code == 200
            menu = check_layout(response).partition('<nav class="settings-nav"')[2].partition("</nav>")[0]
            assert menu.count("aria-current") == (name in OWN_PAGES)


def test_second_factor_pages_require_the_password(subtests, sign_in, mika):
    for name in PROTECTED_PAGES:
        with subtests.test(name=name):
            refused = sign_in(mika).get(reverse(name))
            shown = sign_in(mika, has_reauthenticated=True).get(reverse(name))

            assert refused.status_code == 302
            assert "/account/reauthenticate/" in refused.url
            check_layout(shown)


def test_settings_page_needs_few_queries(sign_in, django_assert_max_num_queries):
    client = sign_in(UserFactory())
    client.get(reverse("accounts:settings"))

    with django_assert_max_num_queries(5):
        client.get(reverse("accounts:settings"))
