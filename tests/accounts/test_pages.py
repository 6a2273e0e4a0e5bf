import re

import pytest
from django.urls import reverse

from tests.factories import UserFactory

ENTRANCE = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
ENTRANCE += ["account_inactive", "account_email_verification_sent", "account_reset_password_from_key_done"]
OWN = ["accounts:settings", "accounts:look", "accounts:security", "accounts:privacy", "account_email"]
OWN += ["account_change_password", "mfa_index", "mfa_list_webauthn", "usersessions_list"]
ONLY_LATELY = ["mfa_activate_totp", "mfa_add_webauthn"]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(src=|type=\"application/json\"))", re.IGNORECASE)

pytestmark = pytest.mark.django_db


def designed(response):
    """The page wears the studio's own shell and carries nothing that the content policy would block."""
    text = response.content.decode()
    assert "css/main.css" in text
    assert not INLINE.search(text), INLINE.search(text)
    assert text.count("<h1") == 1
    return text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", ENTRANCE)
def test_every_page_before_sign_in_is_designed(client, name, language):
    response = client.get(reverse(name), headers={"Accept-Language": language})

    assert response.status_code == 200
    assert f'<html lang="{language}"' in designed(response)


@pytest.mark.parametrize("name", [*OWN, "account_logout"])
def test_every_page_about_an_account_is_designed(sign_in, mika, name):
    response = sign_in(mika).get(reverse(name))

    assert response.status_code == 200
    designed(response)


@pytest.mark.parametrize("name", OWN + ONLY_LATELY)
def test_pages_about_an_account_ask_for_sign_in_first(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ONLY_LATELY)
def test_second_factors_ask_for_the_password_first(sign_in, mika, name):
    asked = sign_in(mika).get(reverse(name))
    shown = sign_in(mika, lately=True).get(reverse(name))

    assert asked.status_code == 302
    assert "/account/reauthenticate/" in asked.url
    designed(shown)


def test_settings_need_few_queries(sign_in, django_assert_max_num_queries):
    client = sign_in(UserFactory())
    client.get(reverse("accounts:settings"))

    with django_assert_max_num_queries(5):
        client.get(reverse("accounts:settings"))
