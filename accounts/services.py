"""Deeds around people: arriving, keeping a guest's work, leaving."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts import audit, avatars, guest_transfer
from accounts.access import home_of
from accounts.billing.models import Wallet
from accounts.models import AuditEvent, User, Workspace
from accounts.models.user import display_name

GUEST_LASTS = timedelta(hours=24)
ADDRESS_LASTS = timedelta(days=30)


class LastOperator(Exception):
    """The only operator cannot leave other people behind; ``str()`` is for the person."""

    def __str__(self):
        return gettext(
            "You are the only administrator here. Make someone else an administrator before you close your account."
        )


@transaction.atomic
def welcome(user: User, *, guest: Workspace | None = None) -> Workspace:
    """What a new person gets: a workspace, what they made as a guest, and the whole install if they are the first."""
    home = home_of(user)
    audit.record(by=user, verb="account.created", target=user)
    make_operator_if_first(user)
    if guest:
        adopt_guest(user, guest)
    return home


def make_operator_if_first(user: User) -> bool:
    """The first account of a fresh install runs it. Call in the transaction that made the person.

    Two people who sign up in the same instant do not see each other; the constraint on ``is_first`` lets one pass.
    """
    if User.objects.exclude(pk=user.pk).exists():
        return False
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(is_first=True, is_staff=True, is_superuser=True)
    except IntegrityError:
        return False
    user.is_first = user.is_staff = user.is_superuser = True
    audit.record(by=user, verb="operator.first", target=user)
    return True


@transaction.atomic
def adopt_guest(user: User, guest: Workspace) -> None:
    """Everything of the guest workspace moves to the person's own; the guest workspace is gone afterwards."""
    home = home_of(user)
    guest_transfer.move_all(guest, home, user)
    taken = Wallet.objects.filter(workspace=home).values("currency")
    Wallet.objects.filter(workspace=guest).exclude(currency__in=taken).update(workspace=home)
    guest.delete()
    audit.record(by=user, verb="guest.adopted", workspace=home)


@transaction.atomic
def change_profile(user: User, *, name: str, picture=None) -> None:
    """A new name also names the person's workspace. Raises avatars.AvatarRefused, and then nothing is changed."""
    if picture:
        avatars.keep(user, picture)
    user.name = name
    user.save(update_fields=["name"])
    Workspace.objects.filter(home_of=user).update(name=display_name(user))
    audit.record(by=user, verb="profile.changed", target=user)


def purge_guests() -> int:
    """Destroy the work of guests who did not sign up within a day; how many there were."""
    old = Workspace.objects.filter(kind=Workspace.Kind.GUEST, created_at__lt=timezone.now() - GUEST_LASTS)
    gone = 0
    for guest in old.iterator():
        guest_transfer.empty_all(guest)
        guest.delete()
        gone += 1
    return gone


def end_sessions(user: User, *, keep: str = "") -> int:
    """Sign the person out everywhere, except in the session with the key ``keep``; how many were ended."""
    sessions = UserSession.objects.filter(user=user).exclude(session_key=keep)
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def reset_factors(user: User, *, by: User) -> None:
    """For somebody who lost phone and codes: an operator, sure of who asks, takes the second factor away."""
    user.authenticator_set.all().delete()
    end_sessions(user)
    audit.record(by=by, verb="factor.reset", target=user)


@transaction.atomic
def close_account(user: User) -> None:
    """The person is out at once, everywhere; what they made is erased by the job that this precedes."""
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if user.is_superuser and others.exists() and not others.filter(is_superuser=True).exists():
        raise LastOperator
    user.is_active, user.closing_at = False, timezone.now()
    user.save(update_fields=["is_active", "closing_at"])  # the floors above hear of it, as of no update
    audit.record(by=user, verb="account.closed", target=user)
    end_sessions(user)


def forget_old_addresses() -> int:
    """Network addresses stay in the log for 30 days."""
    old = AuditEvent.objects.filter(at__lt=timezone.now() - ADDRESS_LASTS).exclude(address=None)
    return old.update(address=None)


def tidy() -> dict[str, int]:
    """The daily round: guests, addresses, sessions that ran out."""
    SessionStore.clear_expired()
    ended = 0
    for user in User.objects.filter(usersession__isnull=False).distinct().iterator():
        before = user.usersession_set.count()
        ended += before - len(UserSession.objects.purge_and_list(user))
    return {"guests": purge_guests(), "addresses": forget_old_addresses(), "sessions": ended}
