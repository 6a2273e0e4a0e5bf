"""Deeds on accounts at providers. Each is all or nothing, written into the audit log, and no secret leaves them."""

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
    """Nothing was changed; ``str()`` says why, for a person."""


@transaction.atomic
def add_connection(*, by, provider: str, label: str, owner=None, workspace=None, secret=None, **columns) -> Connection:
    """``secret`` is ``{"keys": …, "headers": …}``; neither ``owner`` nor ``workspace`` makes it the site's."""
    theirs = Connection.objects.filter(owner=owner, workspace=workspace, deleted_at=None)
    limit = limit_of(workspace, "connections")
    if (owner or workspace) and theirs.count() >= limit:
        raise ConnectionRefused(gettext("You can have at most %(n)d connections. Remove one first.") % {"n": limit})
    made = Connection(provider=provider, label=label, owner=owner, workspace=workspace, **columns)
    made.save(force_insert=True)
    if secret and any(secret.values()):
        made.key_version = keys.store_version(made, keys.EMPTY | secret)
        made.save(update_fields=["key_version"])
    audit.record(by=by, verb="connection.added", target=made, workspace=workspace, provider=provider, scope=made.scope)
    return made


@transaction.atomic
def change_connection(
    connection: Connection, *, by, secret=None, forget=(), allows_private=None, **columns
) -> Connection:
    """Write what is given; of ``secret`` only what is not empty, over what is there. ``forget`` names what goes:
    key fields, or "headers".

    Keys were given for one address: when that changes to another host, the old ones are dropped in every version, so
    that nobody who may change an address can send somebody's key to it, and a private address must be allowed anew.
    While clips are being made through it, what they are asked after with stays as it is.
    """
    held = _lock(connection)
    wanted = {name: columns[name] for name in COLUMNS if name in columns}
    moved = has_new_host(held, wanted)
    if is_polled_elsewhere(held, wanted) and (n := _count_in_progress(held)):
        raise ConnectionRefused(_busy_message(n))
    if allows_private is None and moved:
        allows_private = False
    if allows_private is not None:
        wanted["allows_private"] = allows_private
    changed = sorted(name for name, value in wanted.items() if getattr(held, name) != value)
    renewed = _store_secrets(held, secret or {}, forget, moved)
    if renewed or moved or "facts" in changed:
        wanted |= UNTESTED
    if renewed:
        wanted["key_version"] = held.key_version
    if moved:
        keys.delete_older(held)
    Connection.objects.filter(pk=held.pk).update(**wanted)
    if changed:
        _record(held, by, "changed", fields=changed)
    if renewed:
        _record(held, by, "key_replaced", fields=renewed)
    if renewed or moved:
        wake_jobs(held)
    connection.refresh_from_db()
    return connection


def _store_secrets(held: Connection, secret: dict, forget, moved: bool) -> list[str]:
    """Seal a new version if anything about the secrets changes; the names of what changed."""
    given = {name: value for name, value in secret.get("keys", {}).items() if value}
    headers = secret.get("headers") or {}
    if not (given or headers or forget or moved):
        return []
    before = {} if moved else _read_secrets(held, given)
    kept = {name: value for name, value in before.get("keys", {}).items() if name not in forget}
    kept_headers = {} if "headers" in forget else before.get("headers", {})
    values = {"keys": kept | given, "headers": headers or kept_headers}
    held.key_version = keys.store_version(held, values)
    return sorted({*given, *forget, *(["headers"] if headers else [])}) or ["all"]


def _read_secrets(held: Connection, given: dict) -> dict:
    """What is sealed now; nothing where it cannot be opened any more, which only pasting everything anew can mend."""
    try:
        return keys.decrypt_newest(held)
    except secrets.DecryptionError:
        return {}


def has_new_host(held: Connection, wanted: dict) -> bool:
    """Whether another host would hear the keys from now on: by the address, or by one among the plain facts."""
    own = provider(held.provider).base_url
    before, after = held.base_url or own, wanted.get("base_url", held.base_url) or own
    if url_policy.parse_origin(before) != url_policy.parse_origin(after):
        return True
    return _find_origins(held.facts) != _find_origins(wanted.get("facts", held.facts))


def is_polled_elsewhere(held: Connection, wanted: dict) -> bool:
    """Whether a film would be asked after in another way: at another host or path, or with another of those plain
    facts that its adapter asks with. There nobody may know it, and it would be lost though it is paid for."""
    own = provider(held.provider).base_url
    before, after = held.base_url or own, wanted.get("base_url", held.base_url) or own
    if before.rstrip("/") != after.rstrip("/") or has_new_host(held, wanted):
        return True
    asked_with = [each.name for each in provider(held.provider).key_fields if each.is_used_for_polling]
    return _text_values(held.facts, asked_with) != _text_values(wanted.get("facts", held.facts), asked_with)


def _text_values(facts: dict, names: list[str]) -> list[str]:
    return [str(facts.get(name) or "").rstrip("/") for name in names]


def _find_origins(facts: dict) -> set:
    return {url_policy.parse_origin(value) for value in facts.values() if isinstance(value, str) and "://" in value}


@transaction.atomic
def set_enabled(connection: Connection, *, by, on: bool) -> None:
    held = _lock(connection)
    if held.is_enabled == on:
        return
    Connection.objects.filter(pk=held.pk).update(is_enabled=on, is_default=held.is_default and on)
    _record(held, by, "switched_on" if on else "switched_off")
    if on:
        wake_jobs(held)


@transaction.atomic
def set_default(connection: Connection, *, by, on: bool = True) -> None:
    """The one that Create starts with: at most one for each person, each workspace, and the site."""
    held = _lock(connection)
    _siblings(held).filter(is_default=True).update(is_default=False)
    if on:
        Connection.objects.filter(pk=held.pk).update(is_default=True, is_enabled=True)
    _record(held, by, "made_default" if on else "no_default")


@transaction.atomic
def set_failover_order(workspace, *, by, order: list) -> None:
    """The workspace's accounts in the order in which they stand in for each other; those left out never do."""
    mine = Connection.objects.select_for_update(no_key=True).filter(workspace=workspace, deleted_at=None)
    list(mine.values_list("pk", flat=True))
    mine.update(failover_position=None)
    for position, pk in enumerate(order, 1):
        mine.filter(pk=pk).update(failover_position=position)
    audit.record(by=by, verb="connection.ordered", target=workspace, workspace=workspace)


@transaction.atomic
def delete_connection(connection: Connection, *, by) -> None:
    """It is used for nothing new. What was begun with it goes on to its end; keys follow once nothing needs them."""
    held = _lock(connection)
    if held.deleted_at is not None:
        return
    Connection.objects.filter(pk=held.pk).update(
        deleted_at=timezone.now(), is_enabled=False, is_default=False, failover_position=None
    )
    _record(held, by, "deleted")
    wake_jobs(held)


def count_clips(connection: Connection) -> dict:
    """How many clips are being made through it, and how many wait for it."""
    waiting = connection.clips.filter(job__state=State.QUEUED).count()
    return {"under_way": _count_in_progress(connection), "waiting": waiting}


def wake_jobs(connection: Connection) -> None:
    """What waited for this account looks again at once; also what is being made there, whose key may have failed."""
    states = (State.QUEUED, State.RUNNING)
    waiting = connection.clips.filter(job__state__in=states).values("job_id")
    Job.objects.filter(pk__in=waiting, lease_until=None).update(next_run_at=Now())


def _lock(connection: Connection) -> Connection:
    return Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def _siblings(held: Connection):
    return Connection.objects.filter(owner=held.owner_id, workspace=held.workspace_id)


def _count_in_progress(held: Connection) -> int:
    live = Attempt.objects.filter(connection_id=held.pk, outcome__in=Attempt.LIVE)
    return live.exclude(job__state__in=TERMINAL).count()


def _busy_message(n: int) -> str:
    words = ngettext(
        "%(n)d clip still uses the old address or settings. Wait for it, or add another connection.",
        "%(n)d clips still use the old address or settings. Wait for them, or add another connection.",
        n,
    )
    return words % {"n": n}


def _record(held: Connection, by, verb: str, **facts) -> None:
    facts |= {"provider": held.provider, "scope": held.scope}
    audit.record(by=by, verb=f"connection.{verb}", target=held, workspace=held.workspace, **facts)
