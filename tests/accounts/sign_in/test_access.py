"""Sign-in redirects, and the second factor of the admin."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
EVIL = ["//evil.test", "/\\evil.test", "https:evil.test", "https://evil.test", "javascript:alert(1)", "///evil.test"]
EVIL += ["\x01//evil.test", "http:///evil.test"]


def log_in(client, user, **more):
    return client.post(LOGIN, {"login": user.email, "password": PASSWORD, **more})


def test_private_page_redirects_to_sign_in_and_back(client, mika):
    redirect = client.get("/settings/look/?from=menu")

    signed_in = client.post(
        redirect.url, {"login": mika.email, "password": PASSWORD, "next": "/settings/look/?from=menu"}
    )

    assert redirect.url == "/account/login/?next=%2Fsettings%2Flook%2F%3Ffrom%3Dmenu"
    assert signed_in.url == "/settings/look/?from=menu"


def test_htmx_request_redirects_the_whole_page_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/?tab=1"}

    response = client.get("/settings/security/", headers=headers)

    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/account/login/?next=%2Fsettings%2F%3Ftab%3D1"


def test_form_after_the_session_ended_returns_to_its_page(client):
    response = client.post("/settings/look/", headers={"Referer": "http://testserver/settings/look/"})

    assert response.url == "/account/login/?next=%2Fsettings%2Flook%2F"


def test_foreign_referrer_is_never_the_return_url(client):
    by_form = client.post("/settings/look/", headers={"Referer": "https://evil.test/settings/"})
    by_htmx = client.get("/settings/", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.test/"})

    assert by_form.url == by_htmx.headers["HX-Redirect"] == LOGIN


def test_sign_in_never_redirects_off_the_site(subtests, mika):
    for url in EVIL:
        with subtests.test(url=url):
            response = log_in(Client(), mika, next=url)

            assert response.status_code == 302
            assert response.url == "/create/"


def test_theme_language_and_sign_out_never_redirect_off_the_site(subtests, client):
    for url in EVIL:
        for path in ["/settings/theme/", "/i18n/setlang/", "/account/logout/"]:
            with subtests.test(url=url, path=path):
                response = client.post(path, {"next": url, "theme": "dark", "language": "en"})

                assert response.status_code == 302
                assert response.url.startswith("/") and "evil" not in response.url


def test_unknown_theme_is_rejected(client):
    response = client.post("/settings/theme/", {"theme": "<script>"})

    assert response.status_code == 400
    assert not response.cookies


class TestAdmin:
    @pytest.fixture
    def operator(self):
        return UserFactory(is_staff=True, is_superuser=True)

    @pytest.fixture(autouse=True)
    def embedded(self, settings):
        settings.IS_EMBEDDED = True

    @pytest.fixture
    def hosted(self, settings, embedded):
        """Settings of an install with a database server."""
        settings.IS_EMBEDDED = False

    def test_admin_redirects_to_the_sign_in_page_of_the_site(self, client):
        for path in ("/admin/", "/admin/login/"):
            response = client.get(path, follow=True)

            assert response.request["PATH_INFO"] == LOGIN

    def test_admin_login_accepts_no_password(self, client, operator):
        client.post("/admin/login/", {"username": operator.email, "password": PASSWORD})

        assert "_auth_user_id" not in client.session

    def test_non_staff_users_are_refused(self, sign_in, mika):
        browser = sign_in(mika)

        assert browser.get("/admin/", follow=True).status_code == 403
        assert browser.get("/admin/accounts/user/", follow=True).status_code == 403

    def test_embedded_admin_opens_for_the_operator(self, sign_in, operator):
        assert sign_in(operator).get("/admin/").status_code == 200

    @pytest.mark.usefixtures("hosted")
    def test_hosted_admin_requires_a_second_factor(self, sign_in, operator):
        response = sign_in(operator).get("/admin/accounts/user/", follow=True)

        assert response.redirect_chain[0][0] == reverse("mfa_index")
        assert "Administrators need two-factor authentication to open the admin" in response.content.decode()

    @pytest.mark.usefixtures("hosted")
    def test_hosted_admin_opens_with_a_second_factor(self, client, operator):
        TOTP.activate(operator, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(operator)

        first_step = log_in(client, operator)
        code = RecoveryCodes(operator.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0]
        refused = client.get("/admin/", follow=True)
        client.post(first_step.url, {"code": code})

        assert first_step.url == reverse("mfa_authenticate")
        assert refused.request["PATH_INFO"].startswith("/account/")
        assert client.get("/admin/").status_code == 200

    @pytest.mark.usefixtures("hosted")
    def test_hosted_admin_requires_a_recent_sign_in(self, client, operator, monkeypatch):
        TOTP.activate(operator, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(operator)
        first_step = log_in(client, operator)
        code = RecoveryCodes(operator.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0]
        client.post(first_step.url, {"code": code})
        session = client.session
        session["account_authentication_methods"] = [
            {**record, "at": record["at"] - 13 * 3600} for record in session["account_authentication_methods"]
        ]
        session.save()

        response = client.get("/admin/")

        assert response.url.startswith("/account/reauthenticate/")

    def test_admin_shows_no_secrets_or_task_models(self):
        shown = {model._meta.label_lower for model in admin.site._registry}

        assert not [label for label in shown if label.startswith(("django_q.", "mfa.", "usersessions.", "sessions."))]

    def test_every_admin_list_opens(self, sign_in, operator, settings):
        settings.BILLING = True  # else the lists of money are closed
        browser = sign_in(operator)

        for model in admin.site._registry:
            assert (
                browser.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")).status_code
                == 200
            )
