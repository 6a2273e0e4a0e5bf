"""Create the site's own connections from environment variables (KLING_API_KEY=…) when workers start.

Only a digest of the keys is stored.
"""

import logging
import uuid
from copy import copy

from django.db import transaction
from django.utils import timezone

from accounts import audit
from common import secrets
from generation.providers.connections.environment_values import (
    HEADERS,
    has_other_keys,
    headers_of,
    plain_columns,
    read_variable,
    secret_values,
    variable_name,
)
from generation.providers.connections.services import UNTESTED, count_clips, is_polled_elsewhere, wake_jobs
from generation.providers.models import Connection
from generation.providers.models.connection import webhook_token
from generation.providers.registry import connectable_providers, provider
from jobs.models import State

log = logging.getLogger("generation.environment")


def sync() -> None:
    """Keep one site connection for each provider whose keys are in the environment, and delete the others."""
    engines = {slug: engine for slug, engine in connectable_providers().items() if not engine.is_local}
    existing = {row.provider: row for row in Connection.objects.filter(environment=True, deleted_at=None)}
    for slug, engine in engines.items():
        if is_configured(engine):
            _create_or_update(slug, engine, existing.pop(slug, None))
    for connection in existing.values():
        _delete(connection)


def is_configured(engine) -> bool:
    """Return whether the environment has every required key, and at least one key or the address."""
    required = [key.name for key in engine.key_fields if key.is_required]
    any_of = [key.name for key in engine.key_fields if key.is_secret] if engine.base_url else ["base_url"]
    return all(read_variable(engine, name) for name in required) and any(read_variable(engine, name) for name in any_of)


@transaction.atomic
def _create_or_update(slug: str, engine, existing: Connection | None) -> None:
    _check_headers(engine)
    columns = plain_columns(engine) | {"keys_digest": secrets.digest(secret_values(engine))}
    if existing is None:
        key = {"provider": slug, "environment": True, "deleted_at": None}
        created, is_new = Connection.objects.get_or_create(defaults={"label": str(engine.label), **columns}, **key)
        if is_new:
            audit.record(by=None, verb="connection.added", target=created, provider=slug, scope="site")
    elif any(getattr(existing, name) != value for name, value in columns.items()):
        _update(Connection.objects.select_for_update().get(pk=existing.pk), columns)


def _check_headers(engine) -> None:
    try:
        headers_of(engine)
    except ValueError:
        log.error(
            "%s is invalid. Use Name: value, several separated by \\n, without headers that HTTP itself needs. Nothing "
            "is sent through this connection until then.",
            variable_name(engine.slug, HEADERS),
        )


def _update(locked: Connection, columns: dict) -> None:
    """Update the row, or replace it if clips in progress would be polled at another address (docs/adr/0006)."""
    if is_polled_elsewhere(locked, columns) and (in_progress := count_clips(locked)["under_way"]):
        log.warning(
            "The environment names another address for %s. Clips in progress at the old one: %d. They finish there if "
            "the key is still the same.",
            locked.label,
            in_progress,
        )
        _replace(locked, columns)
        return
    is_renewed = has_other_keys(provider(locked.provider), locked)
    Connection.objects.filter(pk=locked.pk).update(**columns, **(UNTESTED if is_renewed else {}))
    wake_jobs(locked)


def _replace(old: Connection, columns: dict) -> None:
    """Create a connection for the new address and move waiting clips to it. The old connection gets no new clips."""
    new = copy(old)
    new.pk, new.webhook_token = uuid.uuid4(), webhook_token()
    for name, value in (UNTESTED | columns).items():
        setattr(new, name, value)
    _delete(old)
    new.save(force_insert=True)
    audit.record(by=None, verb="connection.added", target=new, provider=new.provider, scope="site")
    old.clips.filter(job__state=State.QUEUED).update(connection=new)


@transaction.atomic
def _delete(connection: Connection) -> None:
    """Delete the connection: clips in progress finish, no new clips use it."""
    Connection.objects.filter(pk=connection.pk).update(deleted_at=timezone.now(), is_enabled=False, is_default=False)
    audit.record(by=None, verb="connection.deleted", target=connection, provider=connection.provider)
    wake_jobs(connection)
