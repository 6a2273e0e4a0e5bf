"""The site's own accounts that the environment names (KLING_API_KEY=…): rows without keys, made as workers start."""

import logging
import os

from django.db import transaction
from django.utils import timezone

from accounts import audit
from generation.connecting.deeds import asks_elsewhere, still_at_work, wake
from generation.models import Connection
from generation.providers.accounts import environment_name
from generation.providers.registry import connectables

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
    return all(_said(engine, name) for name in needed) and any(_said(engine, name) for name in some)


@transaction.atomic
def _keep(slug: str, engine, held: Connection | None) -> None:
    address = _said(engine, "base_url")
    plain = {key.name: value for key in engine.key_fields if not key.is_secret and (value := _said(engine, key.name))}
    facts = {"base_url": address.rstrip("/"), "facts": plain, "allows_private": bool(address)}
    if held is None:
        wanted = {"label": str(engine.label), **facts}
        one = {"provider": slug, "environment": True, "deleted_at": None}
        made, is_new = Connection.objects.get_or_create(defaults=wanted, **one)
        if is_new:
            audit.record(by=None, verb="connection.added", target=made, provider=slug, scope="site")
    elif any(getattr(held, name) != value for name, value in facts.items()):
        _follow(Connection.objects.select_for_update().get(pk=held.pk), facts)


def _follow(held: Connection, facts: dict) -> None:
    """The row as the environment says now. Another host hears of nothing that is being made at the old one, and what is
    being made is asked after as before: until it has ended, all goes on there, as nobody may change other accounts
    meanwhile either (docs/adr/0006)."""
    if asks_elsewhere(held, facts) and (n := still_at_work(held)["under_way"]):
        log.error(
            "%s says something else than before. The old words count until what is being made with them has ended "
            "(clips: %d). New ones go there as well meanwhile: to hurry, switch the account %s off in the admin until "
            "then.",
            " and ".join(_changed(held, facts)), n, held.label,
        )  # fmt: skip
        return
    Connection.objects.filter(pk=held.pk).update(**facts)
    wake(held)


def _changed(held: Connection, facts: dict) -> list[str]:
    """The variables that say something else than the row."""
    before, after = held.facts | {"base_url": held.base_url}, facts["facts"] | {"base_url": facts["base_url"]}
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [environment_name(held.provider, name) for name in names]


@transaction.atomic
def _drop(gone: Connection) -> None:
    """Its keys are not there any more: nothing new goes through it."""
    Connection.objects.filter(pk=gone.pk).update(deleted_at=timezone.now(), is_enabled=False, is_default=False)
    audit.record(by=None, verb="connection.deleted", target=gone, provider=gone.provider)
    wake(gone)


def _said(engine, name: str) -> str:
    return os.environ.get(environment_name(engine.slug, name), "").strip()
