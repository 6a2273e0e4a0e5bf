"""Store, mask, delete and re-encrypt the keys of connections. Every version still in use is kept."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from common import secrets
from generation.providers.awaited_attempts import awaited_attempts
from generation.providers.models import Connection, ConnectionKey

GRACE_PERIOD = timedelta(hours=1)  # longer than any step that may still use a replaced version
EMPTY: dict[str, dict] = {"keys": {}, "headers": {}}
HIDDEN: dict[str, Any] = {"keys": {}, "headers": []}  # shown to users who may not see the masks


def decrypt_newest(connection: Connection) -> dict:
    """Return ``{"keys": …, "headers": …}`` of the newest version. Raises secrets.DecryptionError."""
    row = connection.keys.filter(version=connection.key_version).first()
    return EMPTY | secrets.decrypt(row.sealed) if row else EMPTY


def store_version(connection: Connection, values: dict) -> int:
    """Store a new version and return its number. The caller must have locked the connection."""
    version = connection.key_version + 1
    ConnectionKey.objects.create(connection=connection, version=version, sealed=secrets.encrypt(values))
    return version


def delete_older(connection: Connection) -> None:
    """Delete all but the newest version, since older keys must not be sent to the connection's new address."""
    connection.keys.exclude(version=connection.key_version).delete()


def mask_keys(connections) -> dict:
    """Return ``{connection id: {"keys": {name: "…7a1f"}, "headers": [names]}}``, or None where decryption fails."""
    versions = {connection.pk: connection.key_version for connection in connections}
    masks: dict = {pk: {"keys": {}, "headers": []} for pk in versions}
    for row in ConnectionKey.objects.filter(connection__in=versions):
        if row.version == versions[row.connection_id]:
            masks[row.connection_id] = _mask(row)
    return masks


def _mask(row: ConnectionKey) -> dict | None:
    try:
        values = EMPTY | secrets.decrypt(row.sealed)
    except secrets.DecryptionError:
        return None
    keys = {name: secrets.mask(value) for name, value in values["keys"].items() if value}
    return {"keys": keys, "headers": sorted(values["headers"])}


def delete_unused() -> int:
    """Delete versions that were replaced, or whose connection was deleted, once no awaited attempt needs them.

    While an attempt of the connection is awaited, the newest version is kept too, in case the provider rejects the
    attempt's older one. Returns the number of deleted versions.
    """
    before = timezone.now() - GRACE_PERIOD
    sent = awaited_attempts().filter(connection_id=OuterRef("connection_id"))
    newer = ConnectionKey.objects.filter(
        connection=OuterRef("connection"), version__gt=OuterRef("version"), created_at__lt=before
    )
    is_newest = Q(version=F("connection__key_version"))
    replaced = ~is_newest & Exists(newer)
    rows = ConnectionKey.objects.filter(replaced | Q(connection__deleted_at__lt=before))
    rows = rows.exclude(Exists(sent.filter(key_version=OuterRef("version")))).exclude(is_newest & Exists(sent))
    return ConnectionKey.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]


def reencrypt_all() -> tuple[int, list]:
    """Re-encrypt all versions with the first of CONNECTION_KEYS.

    Returns how many were re-encrypted, and the ids of connections with a version that could not be decrypted.
    """
    count, failed = 0, []
    for row in ConnectionKey.objects.order_by("pk").iterator():
        try:
            count += ConnectionKey.objects.filter(pk=row.pk).update(sealed=secrets.reencrypt(row.sealed))
        except secrets.DecryptionError:
            failed.append(row.connection_id)
    return count, failed
