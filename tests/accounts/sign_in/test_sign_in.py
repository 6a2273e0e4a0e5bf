"""Sign-in, sessions, throttling and password reset."""

import re
import statistics
import time

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


def log_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def is_signed_in(client) -> bool:
    return client.get("/settings/").status_code == 200


def strip_variable_parts(response) -> str:
    """Return the page without what always differs: tokens, ids and what the visitor typed."""
    return re.sub(r'value="[^"]*"|[\w.]+@example\.test|"X-CSRFToken": "\w+"', "", response.content.decode())


@pytest.mark.parametrize(
    ("language", "message"), [("en", "The email or the password is wrong."), ("zh-hans", "邮箱与密码不匹配")]
)
def test_wrong_password_message_is_in_the_readers_language(client, mika, language, message):
    client.post("/i18n/setlang/", {"language": language})

    response = log_in(client, mika.email, "not her password")

    assert message in response.content.decode()
    assert not is_signed_in(client)


def test_wrong_password_and_unknown_address_look_the_same(client, mika):
    known, unknown = (
        log_in(client, mika.email, "not her password"),
        log_in(client, "nobody@example.test", "no password"),
    )

    assert known.status_code == unknown.status_code
    assert strip_variable_parts(known) == strip_variable_parts(unknown)


class ShortHasher(PBKDF2PasswordHasher):
    """A hasher that takes longer than the rest of a sign-in, but less than half a second."""

    iterations = 200_000


def test_wrong_password_and_unknown_address_take_equal_time(client, mika, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.ShortHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    mika.set_password(PASSWORD)
    mika.save()

    def seconds(email):
        start = time.thread_time()  # CPU time, so that other processes do not count
        log_in(client, email, "not her password")
        return time.thread_time() - start

    known, unknown = zip(*[(seconds(mika.email), seconds("nobody@example.test")) for _ in range(3)], strict=True)

    assert statistics.median(unknown) > 0.5 * statistics.median(known)


def test_five_wrong_passwords_lock_the_account(client, mika):
    for _ in range(5):
        log_in(client, mika.email, "not her password")

    response = log_in(client, mika.email)

    assert "Sign-in is paused after too many failed attempts." in response.content.decode()
    assert "You can sign in again in 5 minutes." in response.content.decode()
    assert response.status_code == 429
    assert 240 < int(response.headers["Retry-After"]) <= 300
    assert not is_signed_in(client)


def test_wrong_password_reports_remaining_attempts(client, mika):
    first = log_in(client, mika.email, "not her password")
    for _ in range(3):
        fourth = log_in(client, mika.email, "not her password")
    fifth = log_in(client, mika.email, "not her password").content.decode()

    assert "4 attempts left" in first.content.decode()
    assert "1 attempt left" in fourth.content.decode()
    assert "You can sign in again in 5 minutes." in fifth and "0 attempts" not in fifth


def test_wrong_passwords_from_another_network_lock_nobody_out(client, mika):
    for _ in range(5):
        client.post(LOGIN, {"login": mika.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.7")
    neighbour = client.post(LOGIN, {"login": mika.email, "password": PASSWORD}, REMOTE_ADDR="203.0.113.99")

    response = log_in(client, mika.email)

    assert neighbour.status_code == 429, "the same network"
    assert response.status_code == 302 and is_signed_in(client)


def test_flooding_sign_in_returns_a_retry_time(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    log_in(client, "nobody@example.test")

    response = log_in(client, "nobody@example.test")

    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")


def test_login_throttle_ignores_the_spelling_of_the_address(client, mika):
    for spelling in (
        "mika@example.test",
        "MIKA@example.test",
        "Mika@Example.Test",
        " mika@example.test",
        "miKa@example.test",
    ):
        log_in(client, spelling, "not her password")

    assert "Sign-in is paused after too many failed attempts." in log_in(client, mika.email).content.decode()


def test_flushed_cache_signs_nobody_out(client, mika):
    log_in(client, mika.email)

    cache.clear()

    assert is_signed_in(client)


def test_sign_in_reports_an_unavailable_cache_and_sessions_continue(client, sign_in, mika, cache_away):
    signed_in = sign_in(mika)
    client.raise_request_exception = False  # respond as the site does

    response = log_in(client, mika.email)

    assert response.status_code == 503
    assert "Not possible right now" in response.content.decode()
    assert is_signed_in(signed_in)


def test_sign_in_changes_the_session_key(client, mika):
    client.get(LOGIN)
    client.post("/settings/theme/", {"theme": "dark"})
    before = client.session.session_key

    log_in(client, mika.email)

    assert client.session.session_key != before


def test_password_change_signs_out_other_devices(sign_in, mika):
    this, other = sign_in(mika, has_reauthenticated=True), sign_in(mika)
    change = {"oldpassword": PASSWORD, "password1": "a kite above three roofs", "password2": "a kite above three roofs"}

    this.post("/account/password/change/", change)

    assert is_signed_in(this)
    assert not is_signed_in(other)
    assert AuditEvent.objects.filter(actor_id=mika.pk, verb="password.changed").exists()


def test_second_factor_removal_signs_out_other_devices(sign_in, mika):
    TOTP.activate(mika, "JBSWY3DPEHPK3PXP")
    this, other = sign_in(mika, has_reauthenticated=True), sign_in(mika)
    other.get("/settings/")

    this.post("/account/2fa/totp/deactivate/")

    assert not mika.authenticator_set.filter(type="totp").exists()
    assert is_signed_in(this)
    assert not is_signed_in(other)


def test_suspended_user_is_signed_out_at_once(sign_in, mika):
    browser = sign_in(mika)

    User.objects.filter(pk=mika.pk).update(is_active=False)

    assert not is_signed_in(browser)


def test_session_ends_after_thirty_days_despite_visits(client, mika):
    log_in(client, mika.email)
    session = client.session
    assert abs(session["signed_in_at"] - time.time()) < 60
    session["signed_in_at"] -= 30 * 24 * 3600 + 60
    session.save()

    response = client.get("/settings/", follow=True)

    assert response.request["PATH_INFO"] == LOGIN
    assert "Sign-ins expire after 30 days" in response.content.decode()
    assert not is_signed_in(client)


def test_device_can_be_signed_out_from_another(sign_in, mika):
    this, other = sign_in(mika), sign_in(mika, HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    assert is_signed_in(this) and is_signed_in(other)
    session = UserSession.objects.get(user_agent__contains="Firefox")

    page = this.get("/account/sessions/").content.decode()
    this.post(f"/settings/security/sessions/{session.pk}/end/")

    assert "Firefox · Windows" in page
    assert not is_signed_in(other)
    assert is_signed_in(this)


def test_session_of_another_user_cannot_be_ended(sign_in, mika, ren):
    mikas, rens = sign_in(mika), sign_in(ren)
    assert is_signed_in(mikas) and is_signed_in(rens)
    theirs = UserSession.objects.get(user=mika)

    response = rens.post(f"/settings/security/sessions/{theirs.pk}/end/")

    assert response.status_code == 404
    assert is_signed_in(mikas)


def test_reading_pages_writes_nothing(sign_in, mika):
    browser = sign_in(mika)
    browser.get("/settings/")

    with CaptureQueriesContext(connection) as queries:
        browser.get("/settings/")

    assert not [query["sql"] for query in queries.captured_queries if not query["sql"].startswith("SELECT")]


class TestPasswordReset:
    def test_reset_page_without_mail_names_the_operator_command(self, client):
        page = client.get("/account/password/reset/").content.decode()
        response = client.post("/account/password/reset/", {"email": "mika@example.test"}, follow=True)

        assert ".venv/bin/python manage.py changepassword" in page
        assert "docker compose exec web python manage.py changepassword" in page
        assert "manage.py changepassword" in response.content.decode()
        assert not mail.outbox

    def test_reset_link_sets_a_new_password(self, client, mika, has_mail, settings):
        client.post("/account/password/reset/", {"email": mika.email})
        link = re.search(r"http\S+/password/reset/key/\S+", mail.outbox[0].body).group()

        form = client.get(link.removeprefix(settings.SITE_URL), follow=True)
        passwords = {"password1": "a kite above three roofs", "password2": "a kite above three roofs"}
        client.post(form.redirect_chain[-1][0], passwords)

        assert link.startswith(settings.SITE_URL)
        assert log_in(client, mika.email, "a kite above three roofs").url == "/create/"

    def test_used_reset_link_is_invalid(self, client, mika, has_mail, settings):
        client.post("/account/password/reset/", {"email": mika.email})
        link = re.search(r"http\S+/password/reset/key/\S+", mail.outbox[0].body).group()
        mika.set_password("somebody was quicker than the link")
        mika.save()

        response = Client().get(link.removeprefix(settings.SITE_URL), follow=True)

        assert "expired or was already used" in response.content.decode()

    def test_password_reset_does_not_reveal_accounts(self, mika, has_mail):
        known, unknown = [
            Client().post("/account/password/reset/", {"email": email}) for email in (mika.email, "nobody@example.test")
        ]

        assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
        assert len(mail.outbox) == 2


def test_sign_in_and_sign_out_are_audited(client, mika):
    log_in(client, mika.email, "not her password")
    log_in(client, mika.email)
    client.post("/account/logout/")

    verbs = list(AuditEvent.objects.order_by("at").values_list("verb", "actor", "address"))
    assert verbs == [
        ("sign_in.failed", "", "127.0.0.1"),
        ("sign_in", "Mika", "127.0.0.1"),
        ("sign_out", "Mika", "127.0.0.1"),
    ]


def test_password_in_the_address_field_is_not_stored(client):
    log_in(client, "petals-in-the-wind@secret.test")

    assert "petals" not in str(list(AuditEvent.objects.values()))


def test_user_language_applies_in_another_browser(client):
    user = UserFactory(language="zh-hans")

    log_in(client, user.email)

    assert '<html lang="zh-hans"' in client.get("/settings/").content.decode()


def test_language_switch_is_remembered_while_signed_in(sign_in, mika):
    sign_in(mika).post("/i18n/setlang/", {"language": "zh-hans"})

    assert '<html lang="zh-hans"' in sign_in(mika).get("/settings/").content.decode()


def test_password_change_is_notified_by_mail(sign_in, mika, has_mail, settings):
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    change = {"oldpassword": PASSWORD, "password1": "a kite above three roofs", "password2": "a kite above three roofs"}

    sign_in(mika, has_reauthenticated=True).post("/account/password/change/", change)

    assert mail.outbox[-1].to == [mika.email]
    assert "password" in mail.outbox[-1].body.lower()


def test_second_factor_secrets_are_encrypted_in_the_database(mika, settings):
    factor = TOTP.activate(mika, "JBSWY3DPEHPK3PXP").instance
    stored = str(factor.data)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]

    assert "JBSWY3DPEHPK3PXP" not in stored
    assert get_adapter().decrypt(factor.data["secret"]) == "JBSWY3DPEHPK3PXP"
