"""Decrypt a connection for its adapter. The keys exist only in memory."""

from django.conf import settings
from django.urls import reverse

from common import secrets
from generation.providers.connections import environment_values
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from generation.providers.registry import provider
from generation.providers.remote import OpenConnection
from jobs.models import Attempt

MOVED = "moved"  # the code of what is refused here, and not by the provider


def open_connection(connection: Connection, version: int | None = None) -> OpenConnection:
    """Return the connection with its keys of ``version``, the newest if None. Raises RemoteError AUTH if they cannot be
    decrypted, belong to another address or were deleted."""
    engine = provider(connection.provider)
    opened = _read_environment(engine, connection) if connection.environment else _decrypt_version(connection, version)
    return OpenConnection(
        keys=_read_plain_keys(engine, connection) | opened.get("keys", {}),
        base_url=find_base_url(connection),
        headers=opened.get("headers", {}),
        allows_private=connection.allows_private,
        webhook=build_webhook_url(connection) if engine.traits.has_webhooks else "",
        extras=connection.facts,
    )


def find_base_url(connection: Connection) -> str:
    """Where it is reached: at an address of its own, else at the provider's public one."""
    return (connection.base_url or provider(connection.provider).base_url).rstrip("/")


def call_with_newest_key(attempt: Attempt, connection: Connection, call, *, opened=None, renewed=lambda: None):
    """``call(account)`` about something that was submitted, with the key it was sent with for as long as that works;
    once the provider refuses it and its owner has put a newer one in its place, with that from then on.

    ``opened()`` gives the account where somebody keeps it open; ``renewed()`` hears of a newer key before it is used.
    """
    opened = opened or (lambda: open_connection(connection, attempt.key_version))
    try:
        return call(opened())
    except RemoteError as error:
        now = Connection.objects.get(pk=connection.pk)
        newest, has_moved = now.key_version, (now.base_url, now.facts) != (connection.base_url, connection.facts)
        if error.fault != Fault.AUTH or newest <= attempt.key_version or has_moved:
            raise  # a key that was given for another address, while this one was asked, is not heard here
    Attempt.objects.filter(pk=attempt.pk).update(key_version=newest)
    attempt.key_version = newest
    renewed()
    return call(opened())


def build_webhook_url(connection: Connection) -> str:
    """Where the provider may call back; empty where the site has no public https address."""
    if not settings.IS_HTTPS:
        return ""
    return settings.SITE_URL + reverse("generation:webhook", args=[connection.provider, connection.webhook_token])


def _read_plain_keys(engine, connection: Connection) -> dict[str, str]:
    """Key fields that are no secret are kept apart from the others, and are keys to an adapter all the same."""
    plain = [each.name for each in engine.key_fields if not each.is_secret]
    return {name: str(connection.facts[name]) for name in plain if connection.facts.get(name)}


def _read_environment(engine, connection: Connection) -> dict:
    """Keys and headers from the environment. New keys that came with a new address are not sent to the old one."""
    if environment_values.has_moved(engine, connection) and environment_values.has_other_keys(engine, connection):
        raise RemoteError(Fault.AUTH, MOVED, "the environment names another address, and other keys for it")
    try:
        return {"keys": environment_values.secrets_of(engine), "headers": environment_values.headers_of(engine)}
    except ValueError:
        name = environment_values.variable_name(engine.slug, environment_values.HEADERS)
        raise RemoteError(Fault.AUTH, "headers", f"{name} is invalid") from None


def _decrypt_version(connection: Connection, version: int | None) -> dict:
    """``{"keys": {field: value}, "headers": {name: value}}``, as it was sealed."""
    version = connection.key_version if version is None else version
    row = connection.keys.filter(version=version).first()
    if row is None and version:  # also the newest, as it was when the row was read: it has moved since
        raise RemoteError(Fault.AUTH, "destroyed", "the key of then was replaced and destroyed")
    if row is None:
        return {}
    try:
        return secrets.decrypt(row.sealed)
    except secrets.DecryptionError:
        raise RemoteError(
            Fault.AUTH, "unreadable", "the stored key cannot be decrypted with this install's keys"
        ) from None
