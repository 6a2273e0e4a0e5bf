"""Export and erasure of everything that the site keeps about a user or in a workspace.

Each app contributes its part (``AccountHooks.privacy_parts``); jobs.account_data runs both as jobs.
"""

from collections.abc import Callable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.billing.models import Cap, Entry, Grant, Subscription, Wallet
from accounts.hooks import AccountHooks
from accounts.models import AuditEvent, Membership, User, Workspace


def ignore_progress() -> None:
    """Do nothing, as the progress callback of an erasure outside a job."""


def collect_all(user: User) -> dict[str, dict]:
    """Return ``{part: values}`` of all apps, for DjangoJSONEncoder."""
    return {name: part.collect(user) for name, part in AccountHooks.merged("privacy_parts").items()}


def erase_all(user: User, on_progress: Callable[[], None] = ignore_progress) -> None:
    """Erase the parts of all apps, highest app first, the user's own row last."""
    for part in reversed(AccountHooks.merged("privacy_parts").values()):
        part.erase(user, on_progress)


def empty_workspace(workspace: Workspace) -> None:
    """Delete everything in a workspace, highest app first, since its rows refer to those below."""
    for empty in reversed(list(AccountHooks.values_of("empty_workspace"))):
        empty(workspace)


def collect(user: User) -> dict:
    """Return the part of the accounts app, without passwords and secrets of second factors."""
    profile = ("id", "email", "name", "language", "theme", "shortcuts", "date_joined", "last_login", "is_staff")
    wallets = Wallet.objects.filter(workspace__home_of=user)
    caps = Cap.objects.filter(Q(workspace__home_of=user) | Q(scope=Cap.Scope.MEMBER, subject_id=user.pk))
    return {
        "profile": {field: getattr(user, field) for field in profile},
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "second_factors": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "sessions": list(
            UserSession.objects.filter(user=user).values("created_at", "last_seen_at", "ip", "user_agent")
        ),
        "workspaces": list(Membership.objects.filter(user=user).values("workspace_id", "workspace__name", "role")),
        "wallets": list(wallets.values("kind", "currency", "is_unlimited", "available", "reserved", "spent")),
        "grants": list(
            Grant.objects.filter(wallet__in=wallets).values("source", "amount", "left", "ends_at", "created_at")
        ),
        "caps": list(caps.values("workspace_id", "scope", "subject_id", "period", "amount")),
        "subscriptions": list(
            Subscription.objects.filter(workspace__home_of=user).values(
                "plan__code", "plan__version", "provider", "ref", "status", "paid_until", "created_at"
            )
        ),
        "movements": list(
            Entry.objects.filter(wallet__in=wallets).values("at", "kind", "bucket", "amount", "job_id", "txn")
        ),
        "own_acts": list(
            AuditEvent.objects.filter(actor_id=user.pk).values("at", "verb", "target", "address", "facts")
        ),
    }


@transaction.atomic
def erase(user: User, on_progress: Callable[[], None] = ignore_progress) -> None:
    """Delete the user. The audit log keeps ids without names, the ledger amounts without a workspace.

    ``on_progress`` is not called: the deletion is quick, and reports would be invisible within the transaction.
    """
    AuditEvent.objects.filter(actor_id=user.pk).update(actor="", address=None)
    failed_sign_ins = AuditEvent.objects.filter(actor_id=None, target=audit.target_name(user))
    failed_sign_ins.exclude(address=None).update(address=None)
    user_type = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=user_type, object_id=str(user.pk)).update(object_repr="", change_message="")
    if user.avatar:
        storages["clips"].delete(user.avatar)
    for session in UserSession.objects.filter(user=user):
        session.end()
    if home := user.workspaces.filter(home_of=user).first():
        empty_workspace(home)
        home.delete()
    user.delete()
