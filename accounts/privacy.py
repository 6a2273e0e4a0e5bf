"""Everything the site holds about a person: to hand over, and to erase.

Each app contributes its part in its AppHooks (``privacy_parts``); jobs.account_data runs both as jobs.
"""

from collections.abc import Callable

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import storages
from django.db import transaction

from accounts import audit, guest_transfer
from accounts.billing.models import Entry, Wallet
from accounts.models import AuditEvent, Membership, User
from common import hooks


def collect_all(user: User) -> dict[str, dict]:
    """``{part: values}`` of every app, ready for JSON (dates and ids as Django's encoder writes them)."""
    return {name: part.collect(user) for name, part in hooks.merged("privacy_parts").items()}


def erase_all(user: User, got_on: Callable[[], None] = guest_transfer.quietly) -> None:
    """The highest app first; the person's own row goes last. Whoever works for long at it hears of each step."""
    for part in reversed(hooks.merged("privacy_parts").values()):
        part.erase(user, got_on)


def collect(user: User) -> dict:
    """What the accounts app knows: no password, no secret of a second factor."""
    profile = ("id", "email", "name", "language", "theme", "shortcuts", "date_joined", "last_login", "is_staff")
    wallets = Wallet.objects.filter(workspace__home_of=user)
    return {
        "profile": {field: getattr(user, field) for field in profile},
        "email_addresses": list(user.emailaddress_set.values("email", "verified", "primary")),
        "second_factors": list(user.authenticator_set.values("type", "created_at", "last_used_at")),
        "sessions": list(user.usersession_set.values("created_at", "last_seen_at", "ip", "user_agent")),
        "workspaces": list(Membership.objects.filter(user=user).values("workspace_id", "workspace__name", "role")),
        "wallets": list(wallets.values("currency", "is_unlimited", "available", "reserved", "spent")),
        "movements": list(
            Entry.objects.filter(wallet__in=wallets).values("at", "kind", "bucket", "amount", "job_id", "txn")
        ),
        "own_acts": list(
            AuditEvent.objects.filter(actor_id=user.pk).values("at", "verb", "target", "address", "facts")
        ),
    }


@transaction.atomic
def erase(user: User, got_on: Callable[[], None] = guest_transfer.quietly) -> None:
    """The log keeps ids without names, the ledger keeps amounts without a workspace; the rest is gone. Little is left
    to do here, and nobody would read what is said inside a transaction: nothing is."""
    AuditEvent.objects.filter(actor_id=user.pk).update(actor="", address=None)
    tries = AuditEvent.objects.filter(actor_id=None, target=audit.named(user))  # nobody had signed in yet
    tries.exclude(address=None).update(address=None)
    people = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=people, object_id=str(user.pk)).update(object_repr="", change_message="")
    if user.avatar:
        storages["clips"].delete(user.avatar)
    for session in user.usersession_set.all():
        session.end()
    if home := user.workspaces.filter(home_of=user).first():
        guest_transfer.empty_all(home)
        home.delete()
    user.delete()
