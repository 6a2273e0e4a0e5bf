"""Sign-up, verification and guest transfer."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.access import GUEST_KEY, get_home
from accounts.hooks import AccountHooks
from accounts.models import AuditEvent, Membership, Role, User, Workspace
from tests.factories import PASSWORD, GuestFactory, UserFactory
from tests.hooks import use_only

pytestmark = pytest.mark.django_db
SIGN_UP = "/account/signup/"


def sign_up(client, email="mei@example.test", password=PASSWORD, **more):
    return client.post(SIGN_UP, {"email": email, "password1": password, **more})


def test_sign_up_without_mail_signs_in_at_once_with_a_notice(client):
    page = client.get(SIGN_UP).content.decode()

    response = sign_up(client)

    assert "This studio has no mail server" in page
    assert response.url == "/create/"
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert not mail.outbox


def test_sign_up_without_mail_does_not_say_that_an_address_is_known(client):
    UserFactory(email="taken@example.test")

    page = sign_up(client, "taken@example.test").content.decode()

    assert "No account was created. If this email already has one, sign in with its password." in page
    assert "registered" not in page and User.objects.count() == 1


def test_new_user_owns_a_workspace(client):
    sign_up(client)

    user = User.objects.get()
    assert Membership.objects.get(user=user, workspace=get_home(user)).role == Role.OWNER
    assert AuditEvent.objects.filter(verb="account.created", actor_id=user.pk).exists()


def test_first_account_is_the_operator(client):
    sign_up(client, "first@example.test")
    client.logout()
    sign_up(client, "second@example.test")

    first, second = User.objects.order_by("date_joined")
    assert first.is_superuser and first.is_staff
    assert not second.is_superuser and not second.is_staff


def test_sign_up_after_createsuperuser_makes_no_operator(client):
    User.objects.create_superuser("root@example.test", PASSWORD)

    sign_up(client)

    assert not User.objects.get(email="mei@example.test").is_staff


def test_language_and_theme_chosen_before_sign_up_are_kept(client):
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    client.post(reverse("accounts:theme"), {"theme": "dark"})

    sign_up(client)

    user = User.objects.get()
    assert (user.language, user.theme) == ("zh-hans", "dark")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("petals wind", "at least 12"),
        ("123456789012", "easy to guess"),
        ("iloveyou1234", "easy to guess"),
        ("123456qwerty", "too common"),
        ("meiko@example.test", "too similar"),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(client, password, reason):
    response = sign_up(client, "meiko@example.test", password)

    assert reason in response.content.decode()
    assert not User.objects.exists()


def test_long_passwords_are_accepted(client):
    password = (
        "樱花瓣随风落在山坡上，女孩望着远处的火车驶进晚霞。"
        "A kite, a lighthouse, three cats and no rain at all until June."
    )

    sign_up(client, password=password * 2)

    assert User.objects.exists()


class TestWithMail:
    pytestmark = pytest.mark.usefixtures("has_mail")

    def test_mailed_code_verifies_the_account(self, client):
        response = sign_up(client)
        code = re.search(r"^[A-Z0-9-]{6,}$", mail.outbox[0].body, re.MULTILINE).group()

        confirmed = client.post(response.url, {"code": code})

        assert response.url == reverse("account_email_verification_sent")
        assert confirmed.url == "/create/"
        assert client.session["_auth_user_id"]

    def test_wrong_code_verifies_nothing(self, client):
        response = sign_up(client)

        refused = client.post(response.url, {"code": "XXXXXX"})

        assert refused.status_code == 200
        assert 'role="alert"' in refused.content.decode()
        assert "_auth_user_id" not in client.session

    def test_sign_up_does_not_reveal_existing_addresses(self, client, django_user_model):
        UserFactory(email="taken@example.test")

        taken, free = [sign_up(type(client)(), address) for address in ("taken@example.test", "free@example.test")]

        assert (taken.status_code, taken.url) == (free.status_code, free.url)
        assert django_user_model.objects.count() == 2

    def test_verification_mail_uses_the_page_language(self, client):
        client.get(SIGN_UP)
        sign_up(client)

        assert "Tapwari" in mail.outbox[0].subject
        assert "Tapwari" in mail.outbox[0].body


class TestGuests:
    @pytest.fixture
    def guest(self, client):
        guest = GuestFactory()
        session = client.session
        session[GUEST_KEY] = str(guest.pk)
        session.save()
        return guest

    @pytest.fixture
    def transfers(self, monkeypatch):
        """The calls of the hook ``transfer_guest_work``."""
        calls = []
        use_only(monkeypatch, AccountHooks, transfer_guest_work=lambda *call: calls.append(call))
        return calls

    def test_sign_up_keeps_guest_clips(self, client, guest, transfers):
        sign_up(client)

        user = User.objects.get()
        assert [(call[0].pk, call[1], call[2]) for call in transfers] == [(None, get_home(user), user)]
        assert not Workspace.objects.filter(kind=Workspace.Kind.GUEST).exists()
        assert GUEST_KEY not in client.session

    def test_sign_in_keeps_guest_clips(self, client, guest, transfers):
        ren = UserFactory()

        client.post("/account/login/", {"login": ren.email, "password": PASSWORD})

        assert len(transfers) == 1
        assert not Workspace.objects.filter(pk=guest.pk).exists()

    @pytest.mark.rows
    def test_failed_guest_transfer_creates_no_account(self, client, guest, monkeypatch):
        def fail(*call):
            raise RuntimeError("the disk is gone")

        use_only(monkeypatch, AccountHooks, transfer_guest_work=fail)

        with pytest.raises(RuntimeError):
            sign_up(client)

        assert not User.objects.exists()
        assert Workspace.objects.filter(pk=guest.pk).exists()
