"""Add, change, order and delete connections. Each change is atomic and recorded in the audit log, without secrets."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from accounts import audit
from accounts.billing.limits import limit_of
from common import secrets
from generation.providers.connections import keys, url_policy
from generation.providers.models import Connection
from generation.providers.registry import provider
from jobs.models import TERMINAL, Attempt, Job, State

COLUMNS = ("label", "base_url", "facts", "default_model", "default_style", "concurrency", "per_minute")
UNTESTED = {"health": Connection.Health.UNTESTED, "last_error": "", "paused_until": None, "checked_at": None}


class ConnectionRefused(Exception):
    """Nothing was changed. ``str()`` is the reason for the user."""


@transaction.atomic
def add_connection(*, by, provider: str, label: str, owner=None, workspace=None, secret=None, **columns) -> Connection:
    """Create a connection with ``secret`` ``{"keys": …, "headers": …}``; without owner and workspace, it is the site's.

    Raises ConnectionRefused if the owner or workspace has reached its limit of connections.
    """
    existing = Connection.objects.filter(owner=owner, workspace=workspace, deleted_at=None)
    limit = limit_of(workspace, "connections")
    if (owner or workspace) and existing.count() >= limit:
        raise ConnectionRefused(gettext("You can have at most %(n)d connections. Remove one first.") % {"n": limit})
    connection = Connection(provider=provider, label=label, owner=owner, workspace=workspace, **columns)
    connection.save(force_insert=True)
    if secret and any(secret.values()):
        connection.key_version = keys.store_version(connection, keys.EMPTY | secret)
        connection.save(update_fields=["key_version"])
    audit.record(
        by=by,
        verb="connection.added",
        target=connection,
        workspace=workspace,
        provider=provider,
        scope=connection.scope,
    )
    return connection


@transaction.atomic
def change_connection(
    connection: Connection, *, by, secret=None, forget=(), allows_private=None, **columns
) -> Connection:
    """Change the given columns, and replace those secrets that ``secret`` has a value for.

    ``forget``: names of key fields to delete, or "headers". If the address changes to another host, all old keys are
    deleted and a private address must be allowed again. Otherwise, a user who may change the address could send
    somebody's key to a server of their own. Raises ConnectionRefused if clips in progress would be polled elsewhere.
    """
    locked = _lock(connection)
    changes, is_moved = _choose_changes(locked, columns, allows_private)
    changed = sorted(name for name, value in changes.items() if getattr(locked, name) != value)
    replaced = _store_secrets(locked, secret or {}, forget, is_moved)
    if replaced or is_moved or "facts" in changed:
        changes |= UNTESTED
    if replaced:
        changes["key_version"] = locked.key_version
    if is_moved:
        keys.delete_older(locked)
    Connection.objects.filter(pk=locked.pk).update(**changes)
    if changed:
        _record(locked, by, "changed", fields=changed)
    if replaced:
        _record(locked, by, "key_replaced", fields=replaced)
    if replaced or is_moved:
        wake_jobs(locked)
    connection.refresh_from_db()
    return connection


def _choose_changes(locked: Connection, columns: dict, allows_private: bool | None) -> tuple[dict, bool]:
    """Return the columns to write, and whether the address has another host. Raises ConnectionRefused."""
    changes = {name: columns[name] for name in COLUMNS if name in columns}
    is_moved = has_new_host(locked, changes)
    if is_polled_elsewhere(locked, changes) and (n := _count_in_progress(locked)):
        raise ConnectionRefused(_busy_message(n))
    if allows_private is None and is_moved:
        allows_private = False
    if allows_private is not None:
        changes["allows_private"] = allows_private
    return changes, is_moved


def _store_secrets(locked: Connection, secret: dict, forget, is_moved: bool) -> list[str]:
    """Store a new version of the keys if any secret changes. Returns the names of the changed fields."""
    given = {name: value for name, value in secret.get("keys", {}).items() if value}
    headers = secret.get("headers") or {}
    if not (given or headers or forget or is_moved):
        return []
    before = {} if is_moved else _read_secrets(locked)
    kept = {name: value for name, value in before.get("keys", {}).items() if name not in forget}
    kept_headers = {} if "headers" in forget else before.get("headers", {})
    values = {"keys": kept | given, "headers": headers or kept_headers}
    locked.key_version = keys.store_version(locked, values)
    return sorted({*given, *forget, *(["headers"] if headers else [])}) or ["all"]


def _read_secrets(locked: Connection) -> dict:
    """Return the newest secrets, or {} if they cannot be decrypted, so that all of them must be entered again."""
    try:
        return keys.decrypt_newest(locked)
    except secrets.DecryptionError:
        return {}


def has_new_host(connection: Connection, changes: dict) -> bool:
    """Return whether keys would be sent to another host, because the address or one among ``facts`` changes."""
    own = provider(connection.provider).base_url
    before, after = connection.base_url or own, changes.get("base_url", connection.base_url) or own
    if url_policy.parse_origin(before) != url_policy.parse_origin(after):
        return True
    return _find_origins(connection.facts) != _find_origins(changes.get("facts", connection.facts))


def is_polled_elsewhere(connection: Connection, changes: dict) -> bool:
    """Return whether tasks would be polled at another address, or with other values of the fields that polling uses.

    Running tasks may be unknown at the new address, so paid clips would be lost.
    """
    own = provider(connection.provider).base_url
    before, after = connection.base_url or own, changes.get("base_url", connection.base_url) or own
    if before.rstrip("/") != after.rstrip("/") or has_new_host(connection, changes):
        return True
    names = [field.name for field in provider(connection.provider).key_fields if field.is_used_for_polling]
    return _text_values(connection.facts, names) != _text_values(changes.get("facts", connection.facts), names)


def _text_values(facts: dict, names: list[str]) -> list[str]:
    return [str(facts.get(name) or "").rstrip("/") for name in names]


def _find_origins(facts: dict) -> set:
    return {url_policy.parse_origin(value) for value in facts.values() if isinstance(value, str) and "://" in value}


@transaction.atomic
def set_enabled(connection: Connection, *, by, on: bool) -> None:
    locked = _lock(connection)
    if locked.is_enabled == on:
        return
    Connection.objects.filter(pk=locked.pk).update(is_enabled=on, is_default=locked.is_default and on)
    _record(locked, by, "switched_on" if on else "switched_off")
    if on:
        wake_jobs(locked)


@transaction.atomic
def set_default(connection: Connection, *, by, on: bool = True) -> None:
    """Make the connection the default, with which Create starts, or not any more if ``on`` is false.

    Each user, each workspace and the site has at most one default.
    """
    locked = _lock(connection)
    siblings = Connection.objects.filter(owner=locked.owner_id, workspace=locked.workspace_id)
    siblings.filter(is_default=True).update(is_default=False)
    if on:
        Connection.objects.filter(pk=locked.pk).update(is_default=True, is_enabled=True)
    _record(locked, by, "made_default" if on else "no_default")


@transaction.atomic
def set_failover_order(workspace, *, by, order: list) -> None:
    """Set the order in which the workspace's connections take over from each other. Those not in ``order`` never do."""
    rows = Connection.objects.select_for_update(no_key=True).filter(workspace=workspace, deleted_at=None)
    list(rows.values_list("pk", flat=True))  # locks them
    rows.update(failover_position=None)
    for position, pk in enumerate(order, 1):
        rows.filter(pk=pk).update(failover_position=position)
    audit.record(by=by, verb="connection.ordered", target=workspace, workspace=workspace)


@transaction.atomic
def delete_connection(connection: Connection, *, by) -> None:
    """Delete the connection: no new clips use it, and its keys are deleted once clips in progress end (keys.py)."""
    locked = _lock(connection)
    if locked.deleted_at is not None:
        return
    Connection.objects.filter(pk=locked.pk).update(
        deleted_at=timezone.now(), is_enabled=False, is_default=False, failover_position=None
    )
    _record(locked, by, "deleted")
    wake_jobs(locked)


def count_clips(connection: Connection) -> dict[str, int]:
    """Return the numbers of clips in progress (``under_way``) and waiting (``waiting``)."""
    waiting = connection.clips.filter(job__state=State.QUEUED).count()
    return {"under_way": _count_in_progress(connection), "waiting": waiting}


def wake_jobs(connection: Connection) -> None:
    """Make the connection's waiting and running jobs due: a wait may be over, or a rejected key replaced."""
    states = (State.QUEUED, State.RUNNING)
    job_ids = connection.clips.filter(job__state__in=states).values("job_id")
    Job.objects.filter(pk__in=job_ids, lease_until=None).update(next_run_at=Now())


def _lock(connection: Connection) -> Connection:
    return Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def _count_in_progress(connection: Connection) -> int:
    live = Attempt.objects.filter(connection_id=connection.pk, outcome__in=Attempt.LIVE)
    return live.exclude(job__state__in=TERMINAL).count()


def _busy_message(n: int) -> str:
    message = ngettext(
        "%(n)d clip still uses the old address or settings. Wait for it, or add another connection.",
        "%(n)d clips still use the old address or settings. Wait for them, or add another connection.",
        n,
    )
    return message % {"n": n}


def _record(connection: Connection, by, verb: str, **facts) -> None:
    facts |= {"provider": connection.provider, "scope": connection.scope}
    audit.record(by=by, verb=f"connection.{verb}", target=connection, workspace=connection.workspace, **facts)
