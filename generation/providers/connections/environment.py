"""The site's own accounts that the environment names (KLING_API_KEY=…): rows without keys, made as workers start."""

import logging

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
from generation.providers.registry import connectables, provider

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
    """The row as the environment says now. Another host hears of nothing that is being made at the old one, and what is
    being made is asked after as before: until it has ended, all goes on there, as nobody may change other accounts
    meanwhile either (docs/adr/0006)."""
    is_renewed = has_other_keys(provider(held.provider), held)
    if asks_elsewhere(held, facts) and (n := still_at_work(held)["under_way"]):
        if not is_renewed:  # known again also where the install's older secret is gone before it has ended
            Connection.objects.filter(pk=held.pk).update(keys_digest=facts["keys_digest"])
        _hold_back(held, " and ".join(_changed(held, facts)), n, is_renewed)
        return
    Connection.objects.filter(pk=held.pk).update(**facts, **(FRESH if is_renewed else {}))
    wake(held)


def _hold_back(held: Connection, names: str, n: int, is_renewed: bool) -> None:
    """Say in the log what does not count yet, and what that means. A new key is not sent to the old address."""
    if is_renewed:
        log.error(
            "%s says something else than before, and so does a key of the same account. The new key is not sent to the "
            "old address, so what is being made there is not asked after (clips: %d) and nothing new is begun. Put the "
            "old address and the old key back until it has ended: else each waits for its deadline and a day, and ends "
            "without its film. One that is stopped ends at its next look. Either may be paid for.", names, n,
        )  # fmt: skip
        return
    log.error(
        "%s says something else than before. The old words count until what is being made with them has ended "
        "(clips: %d). New ones go there as well meanwhile: to hurry, switch the account %s off in the admin until "
        "then.", names, n, held.label,
    )  # fmt: skip


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
