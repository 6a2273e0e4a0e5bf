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

MOVED = "moved"  # error code: the studio, not the provider, refused to send the keys


def open_connection(connection: Connection, version: int | None = None) -> OpenConnection:
    """Return the connection with its keys of ``version``, or of the newest version if None.

    Raises RemoteError AUTH if the keys cannot be decrypted, belong to another address or were deleted.
    """
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
    """Return the connection's own address, or the provider's public one."""
    return (connection.base_url or provider(connection.provider).base_url).rstrip("/")


def call_with_newest_key(attempt: Attempt, connection: Connection, call, *, reopen=None, on_new_key=lambda: None):
    """Return ``call(open connection)`` with the key that the attempt was submitted with.

    If the provider rejects that key and there is a newer one, ``call`` is repeated with the newer key, which the
    attempt uses from then on. ``reopen()`` returns the open connection, if the caller caches it; ``on_new_key()`` is
    called before a newer key is used.
    """
    reopen = reopen or (lambda: open_connection(connection, attempt.key_version))
    try:
        return call(reopen())
    except RemoteError as error:
        current = Connection.objects.get(pk=connection.pk)
        is_moved = (current.base_url, current.facts) != (connection.base_url, connection.facts)
        if error.fault != Fault.AUTH or current.key_version <= attempt.key_version or is_moved:
            raise  # after a move, the newer key is for another address than the one that was called
    Attempt.objects.filter(pk=attempt.pk).update(key_version=current.key_version)
    attempt.key_version = current.key_version
    on_new_key()
    return call(reopen())


def build_webhook_url(connection: Connection) -> str:
    """Return the studio's URL for the provider's callbacks; "" if the site has no public https address."""
    if not settings.IS_HTTPS:
        return ""
    return settings.SITE_URL + reverse("generation:webhook", args=[connection.provider, connection.webhook_token])


def _read_plain_keys(engine, connection: Connection) -> dict[str, str]:
    """Return the values of the key fields that are not secret; adapters read them like keys."""
    names = [field.name for field in engine.key_fields if not field.is_secret]
    return {name: str(connection.facts[name]) for name in names if connection.facts.get(name)}


def _read_environment(engine, connection: Connection) -> dict:
    """Return keys and headers from the environment. Raises RemoteError AUTH if both address and keys have changed
    there, so that keys for a new address are not sent to the old one.
    """
    if environment_values.has_moved(engine, connection) and environment_values.has_other_keys(engine, connection):
        raise RemoteError(Fault.AUTH, MOVED, "the environment names another address, and other keys for it")
    try:
        return {"keys": environment_values.secrets_of(engine), "headers": environment_values.headers_of(engine)}
    except ValueError:
        name = environment_values.variable_name(engine.slug, environment_values.HEADERS)
        raise RemoteError(Fault.AUTH, "headers", f"{name} is invalid") from None


def _decrypt_version(connection: Connection, version: int | None) -> dict:
    """Return ``{"keys": {field: value}, "headers": {name: value}}`` of a version, or of the newest version if None."""
    version = connection.key_version if version is None else version
    row = connection.keys.filter(version=version).first()
    if row is None and version:  # may have been the newest version when the connection was read
        raise RemoteError(Fault.AUTH, "destroyed", "the key used then was replaced and deleted")
    if row is None:
        return {}
    try:
        return secrets.decrypt(row.sealed)
    except secrets.DecryptionError:
        raise RemoteError(
            Fault.AUTH, "unreadable", "the stored key cannot be decrypted with this install's keys"
        ) from None
