"""Caps for their page: set and remove them, and list them with names and use."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.billing.caps import CapUse, read_all_uses
from accounts.billing.hooks import BillingHooks
from accounts.billing.models import Cap
from accounts.models import User
from accounts.models.user import display_name

SHOWN_SUBJECTS = 5  # of a cap that holds for each member or story: those that used most


@dataclass
class CapRow:
    """A cap as its page lists it. ``uses``: (name, use) of the workspace, or of the members or stories."""

    cap: Cap
    name: str
    uses: list[tuple[str, CapUse]]


@transaction.atomic
def set_cap(workspace, *, scope: str, subject_id: uuid.UUID | None, period: str, amount: int, by) -> Cap:
    """Set the cap of this scope and period, in millionths. An earlier amount is replaced, with its warnings."""
    names = {"workspace": workspace, "scope": scope, "subject_id": subject_id, "period": period}
    try:
        with transaction.atomic():
            cap, _created = Cap.objects.update_or_create(**names, defaults={"amount": amount})
    except IntegrityError:  # another tab set it at the same moment
        cap = Cap.objects.get(**names)
        Cap.objects.filter(pk=cap.pk).update(amount=amount)
    cap.warnings.all().delete()
    facts = {"scope": scope, "subject": str(subject_id or ""), "period": period, "amount": amount}
    audit.record(by=by, verb="cap.set", target=cap, workspace=workspace, **facts)
    return cap


@transaction.atomic
def remove_cap(cap: Cap, *, by) -> None:
    audit.record(by=by, verb="cap.removed", target=cap, workspace=cap.workspace, amount=cap.amount)
    cap.delete()


def list_members(workspace) -> list[User]:
    return list(User.objects.filter(memberships__workspace=workspace, is_active=True).order_by("name", "email"))


def list_rows(workspace, reader: User, *, only_own: bool = False) -> list[CapRow]:
    """Return the caps of a workspace with their use; with ``only_own`` those that limit the reader, and no figures of
    other members."""
    only_member = reader.pk if only_own else None
    order = {name: n for n, name in enumerate([*Cap.Scope.values, *Cap.Period.values])}
    caps = sorted(Cap.objects.filter(workspace=workspace), key=lambda cap: (order[cap.scope], order[cap.period]))
    found = []
    for cap in caps:
        uses = read_all_uses(cap)
        if only_member and cap.scope == Cap.Scope.MEMBER:
            if cap.subject_id not in (None, only_member):
                continue
            uses = [use for use in uses if use.subject_id == only_member]
        found.append((cap, uses[:SHOWN_SUBJECTS] or [CapUse(cap, _get_subject(cap, only_member), 0)]))
    names = _read_names(workspace, found, reader)
    return [
        CapRow(cap, names.get(cap.subject_id, ""), [(names.get(use.subject_id, ""), use) for use in uses])
        for cap, uses in found
    ]


def _get_subject(cap: Cap, only_member: uuid.UUID | None) -> uuid.UUID | None:
    if cap.scope == Cap.Scope.WORKSPACE:
        return cap.workspace_id
    return cap.subject_id or (only_member if cap.scope == Cap.Scope.MEMBER else None)


def _read_names(workspace, found: Iterable[tuple[Cap, list[CapUse]]], reader: User) -> dict:
    """Return id → name of the workspace, members and stories."""
    ids: dict[str, set] = {scope: set() for scope in Cap.Scope.values}
    for cap, uses in found:
        ids[cap.scope] |= {cap.subject_id, *(use.subject_id for use in uses)} - {None}
    names = {user.pk: display_name(user) for user in User.objects.filter(pk__in=ids[Cap.Scope.MEMBER])}
    for describe in BillingHooks.values_of("describe_stories") if ids[Cap.Scope.STORY] else ():
        stories = describe(reader, list(ids[Cap.Scope.STORY]))
        names |= {pk: title for pk, (title, _path) in stories.items()}
    return names | {workspace.pk: str(workspace)}
