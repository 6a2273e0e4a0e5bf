"""Services for accounts: sign-up, transfer of guest work, profile, closing and reopening, daily cleanup."""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext

from accounts import audit, avatars, privacy, staff_roles
from accounts.access import get_home
from accounts.billing import held_plans
from accounts.billing.models import Wallet
from accounts.hooks import AccountHooks
from accounts.models import AuditEvent, User, Workspace
from accounts.models.user import display_name

GUEST_RETENTION = timedelta(hours=24)
ADDRESS_RETENTION = timedelta(days=30)


class LastOperator(Exception):
    """The only operator cannot close their account while there are other users. ``str()`` is for the user."""

    def __str__(self):
        return gettext(
            "You are the only administrator here. Make someone else an administrator before you close your account."
        )


class ErasureBegun(Exception):
    """The erasure has begun. Nothing was changed; ``str()`` is for the operator."""

    def __str__(self):
        return gettext("This account is already being erased. It cannot be reopened and stays closed.")


class SuspensionRefused(Exception):
    """The operator may not suspend or unsuspend that user. Nothing was changed; ``str()`` is for the operator."""


@transaction.atomic
def set_up_account(user: User, *, guest: Workspace | None = None) -> Workspace:
    """Create a new user's workspace and transfer their guest work. The first user becomes the operator."""
    home = get_home(user)
    audit.record(by=user, verb="account.created", target=user)
    promote_first_user(user)
    if guest:
        transfer_guest_work(user, guest)
    held_plans.grant_free_month(home)
    return home


def promote_first_user(user: User) -> bool:
    """Make the user an operator if no other user exists. Call this in the transaction that created the user.

    If two users sign up at the same moment, the constraint on ``is_first`` makes only one of them an operator.
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


def find_guest_page(session, guest: Workspace) -> tuple[str, str] | None:
    """Return the page of what the guest made, of the highest app that has one, and a sentence that it was kept."""
    pages = [page for find in AccountHooks.values_of("guest_page") if (page := find(session, guest))]
    return pages[-1] if pages else None


@transaction.atomic
def transfer_guest_work(user: User, guest: Workspace) -> None:
    """Move everything from the guest workspace to the user's own, and delete the guest workspace."""
    home = get_home(user)
    for move in AccountHooks.values_of("transfer_guest_work"):
        move(guest, home, user)
    existing = Wallet.objects.filter(workspace=home, kind=OuterRef("kind"), currency=OuterRef("currency"))
    Wallet.objects.filter(~Exists(existing), workspace=guest).update(workspace=home)
    guest.delete()
    audit.record(by=user, verb="guest.transferred", workspace=home)


def change_profile(user: User, *, name: str, picture=None) -> None:
    """Change name and picture; the workspace gets the name too. All or nothing. Raises avatars.AvatarRefused."""
    key = avatars.store_picture(picture, by=user) if picture else ""  # before the transaction: decoding takes seconds
    _save_profile(user, name, key)


@transaction.atomic
def _save_profile(user: User, name: str, key: str) -> None:
    if key:
        avatars.set_avatar(user, key)
    user.name = name
    user.save(update_fields=["name"])
    Workspace.objects.filter(home_of=user).update(name=display_name(user))
    audit.record(by=user, verb="profile.changed", target=user)


def delete_expired_guests() -> int:
    """Delete guests who did not sign up within a day, with their work. Returns how many."""
    expired = Workspace.objects.filter(kind=Workspace.Kind.GUEST, created_at__lt=timezone.now() - GUEST_RETENTION)
    count = 0
    for guest in expired.iterator():
        privacy.empty_workspace(guest)
        guest.delete()
        count += 1
    return count


def end_sessions(user: User, *, keep: str = "") -> int:
    """Sign the user out everywhere except in the session with the key ``keep``. Returns how many sessions ended."""
    sessions = UserSession.objects.filter(user=user).exclude(session_key=keep)
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def reset_factors(user: User, *, by: User | None) -> None:
    """Remove the second factors of a user who lost phone and codes. The operator must verify who asks for this.

    ``by``: the operator, or None for the command line.
    """
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    audit.record(by=by, verb="factor.reset", target=user)


@transaction.atomic
def close_account(user: User, *, by: User | None) -> None:
    """Sign the user out everywhere at once. A job erases their data afterwards. Raises LastOperator.

    ``by``: the user, or None for the command line.
    """
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if others.exists() and staff_roles.is_last_with_all_rights(user):
        raise LastOperator
    user.is_active, user.closing_at = False, timezone.now()
    user.save(update_fields=["is_active", "closing_at"])  # not update(): sockets end on the signal
    audit.record(by=by, verb="account.closed" if by == user else "account.closed_for", target=user)
    end_sessions(user)


@transaction.atomic
def reopen_account(user: User, *, by: User) -> None:
    """Activate a user who closed their account, and cancel the erasure through the hook ``stop_erasure``.

    Raises ErasureBegun if something may be erased already.
    """
    if not all(stop(user, by=by) for stop in AccountHooks.values_of("stop_erasure")):
        raise ErasureBegun
    user.is_active, user.closing_at = True, None
    user.save(update_fields=["is_active", "closing_at"])


def can_suspend(user: User, by: User) -> bool:
    """Return whether ``by`` may suspend and unsuspend the user: not themselves, and superusers only as a superuser."""
    return user.pk != by.pk and (by.is_superuser or not user.is_superuser)


@transaction.atomic
def suspend_user(user: User, *, by: User) -> None:
    """Sign the user out and keep them out. Their jobs go on, their work stays. Raises SuspensionRefused."""
    _set_active(user, False, by=by, verb="user.suspended")


@transaction.atomic
def unsuspend_user(user: User, *, by: User) -> None:
    """Let the user sign in again, and cancel the erasure of an account that its owner closed.

    Raises SuspensionRefused, or ErasureBegun if something of the account may be erased already.
    """
    if user.closing_at and can_suspend(user, by):
        reopen_account(user, by=by)
    _set_active(user, True, by=by, verb="user.unsuspended")


def _set_active(user: User, is_active: bool, *, by: User, verb: str) -> None:
    if not can_suspend(user, by):
        raise SuspensionRefused(gettext("You cannot suspend yourself, and only a superuser can suspend a superuser."))
    user.is_active = is_active
    user.save(update_fields=["is_active"])  # not update(): sockets end on the signal
    audit.record(by=by, verb=verb, target=user)


def remove_old_addresses() -> int:
    """Remove IP addresses from the audit log after 30 days. Returns how many events changed."""
    old = AuditEvent.objects.filter(at__lt=timezone.now() - ADDRESS_RETENTION).exclude(address=None)
    return old.update(address=None)


def run_daily_cleanup() -> dict[str, int]:
    """Remove expired guests, addresses and sessions. Returns counts by name."""
    SessionStore.clear_expired()
    ended = 0
    for user in User.objects.filter(usersession__isnull=False).distinct().iterator():
        before = UserSession.objects.filter(user=user).count()
        ended += before - len(UserSession.objects.purge_and_list(user))
    return {"guests": delete_expired_guests(), "addresses": remove_old_addresses(), "sessions": ended}
