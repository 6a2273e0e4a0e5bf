"""The site's own accounts that the environment names (KLING_API_KEY=…): rows without keys, made as workers start."""

import logging
import uuid
from copy import copy

from django.db import transaction
from django.utils import timezone

from accounts import audit
from common import secrets
from generation.providers.connections.environment_values import (
    HEADERS,
    environment_name,
    facts_of,
    has_other_keys,
    headers_of,
    known_by,
    said,
)
from generation.providers.connections.services import FRESH, asks_elsewhere, still_at_work, wake
from generation.providers.models import Connection
from generation.providers.models.connection import webhook_token
from generation.providers.registry import connectables, provider
from jobs.models import State

log = logging.getLogger("generation.environment")


def sync() -> None:
    """One site connection for each provider whose keys stand in the environment; it goes when they do."""
    engines = {slug: engine for slug, engine in connectables().items() if not engine.is_local}
    held = {each.provider: each for each in Connection.objects.filter(environment=True, deleted_at=None)}
    for slug, engine in engines.items():
        if is_named(engine):
            _keep(slug, engine, held.pop(slug, None))
    for gone in held.values():
        _drop(gone)


def is_named(engine) -> bool:
    """Whether the environment holds all that the provider needs: each required key and some key, or its address."""
    needed = [key.name for key in engine.key_fields if key.is_required]
    some = [key.name for key in engine.key_fields if key.is_secret] if engine.base_url else ["base_url"]
    return all(said(engine, name) for name in needed) and any(said(engine, name) for name in some)


@transaction.atomic
def _keep(slug: str, engine, held: Connection | None) -> None:
    _look_at_headers(engine)
    facts = facts_of(engine) | {"keys_digest": secrets.digest(known_by(engine))}
    if held is None:
        wanted = {"label": str(engine.label), **facts}
        one = {"provider": slug, "environment": True, "deleted_at": None}
        made, is_new = Connection.objects.get_or_create(defaults=wanted, **one)
        if is_new:
            audit.record(by=None, verb="connection.added", target=made, provider=slug, scope="site")
    elif any(getattr(held, name) != value for name, value in facts.items()):
        _follow(Connection.objects.select_for_update().get(pk=held.pk), facts)


def _look_at_headers(engine) -> None:
    try:
        headers_of(engine)
    except ValueError:
        log.error(
            "%s is not understood. Write it as Name: value, several with \\n between them, and none that HTTP itself "
            "needs. Nothing is sent through this account until then.", environment_name(engine.slug, HEADERS),
        )  # fmt: skip


def _follow(held: Connection, facts: dict) -> None:
    """Update the row, or replace it if clips are in progress and would be polled elsewhere (docs/adr/0006)."""
    if asks_elsewhere(held, facts) and (in_progress := still_at_work(held)["under_way"]):
        log.warning(
            "The environment names another address for %s. Clips in progress at the old one: %d. They finish there if "
            "the key is still the same.", held.label, in_progress,
        )  # fmt: skip
        _replace(held, facts)
        return
    is_renewed = has_other_keys(provider(held.provider), held)
    Connection.objects.filter(pk=held.pk).update(**facts, **(FRESH if is_renewed else {}))
    wake(held)


def _replace(old: Connection, facts: dict) -> None:
    """Create a connection for the new address; waiting clips move to it. The old one gets no new clips."""
    new = copy(old)
    new.pk, new.webhook_token = uuid.uuid4(), webhook_token()
    for name, value in (FRESH | facts).items():
        setattr(new, name, value)
    _drop(old)
    new.save(force_insert=True)
    audit.record(by=None, verb="connection.added", target=new, provider=new.provider, scope="site")
    old.clips.filter(job__state=State.QUEUED).update(connection=new)


@transaction.atomic
def _drop(gone: Connection) -> None:
    """Its keys are not there any more: nothing new goes through it."""
    Connection.objects.filter(pk=gone.pk).update(deleted_at=timezone.now(), is_enabled=False, is_default=False)
    audit.record(by=None, verb="connection.deleted", target=gone, provider=gone.provider)
    wake(gone)
