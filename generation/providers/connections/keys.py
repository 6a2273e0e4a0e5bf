"""The sealed keys of accounts: every version that is still in use, masked for pages, sealed anew after a rotation."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from common import secrets
from generation.providers.awaited_attempts import awaited_attempts
from generation.providers.models import Connection, ConnectionKey

SETTLE = timedelta(hours=1)  # a step that read the old version just now has long begun or ended by then
NOTHING = {"keys": {}, "headers": {}}
UNTOLD = {"keys": {}, "headers": []}  # what ``masks`` tells of an account, for who may not know


def opened(connection: Connection) -> dict:
    """``{"keys": …, "headers": …}`` of the newest version. secrets.DecryptionError when this install cannot open it."""
    row = connection.keys.filter(version=connection.key_version).first()
    return NOTHING | secrets.decrypt(row.sealed) if row else NOTHING


def keep(connection: Connection, values: dict) -> int:
    """Seal a new version and count it; the caller holds the connection's row."""
    version = connection.key_version + 1
    ConnectionKey.objects.create(connection=connection, version=version, sealed=secrets.encrypt(values))
    return version


def drop_older(connection: Connection) -> None:
    """Destroy all but the newest version now: none of them may be heard where the account is from now on. What was
    given up at the old address is not looked for there any more."""
    connection.keys.exclude(version=connection.key_version).delete()


def masks(connections) -> dict:
    """``{connection id: {"keys": {name: "…7a1f"}, "headers": [names]}}``; None for one that cannot be opened."""
    versions = {each.pk: each.key_version for each in connections}
    found = {pk: {"keys": {}, "headers": []} for pk in versions}
    for row in ConnectionKey.objects.filter(connection__in=versions):
        if row.version == versions[row.connection_id]:
            found[row.connection_id] = _mask(row)
    return found


def _mask(row: ConnectionKey) -> dict | None:
    try:
        values = NOTHING | secrets.decrypt(row.sealed)
    except secrets.DecryptionError:
        return None
    keys = {name: secrets.mask(value) for name, value in values["keys"].items() if value}
    return {"keys": keys, "headers": sorted(values["headers"])}


def drop_old() -> int:
    """Destroy versions that were replaced, or whose connection was deleted, once nothing is under way with them and
    nothing is looked for any more that was sent with them. Until then the newest stays as well: it stands in for one
    that the provider refuses."""
    before = timezone.now() - SETTLE
    sent = awaited_attempts().filter(account=OuterRef("connection_id"))
    newer = ConnectionKey.objects.filter(
        connection=OuterRef("connection"), version__gt=OuterRef("version"), created_at__lt=before
    )
    is_newest = Q(version=F("connection__key_version"))
    replaced = ~is_newest & Exists(newer)
    rows = ConnectionKey.objects.filter(replaced | Q(connection__deleted_at__lt=before))
    rows = rows.exclude(Exists(sent.filter(key_version=OuterRef("version")))).exclude(is_newest & Exists(sent))
    return ConnectionKey.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]


def reseal_all() -> tuple[int, list]:
    """Seal everything with the first of CONNECTION_KEYS: how many, and the connections that cannot be opened."""
    done, lost = 0, []
    for row in ConnectionKey.objects.order_by("pk").iterator():
        try:
            done += ConnectionKey.objects.filter(pk=row.pk).update(sealed=secrets.reencrypt(row.sealed))
        except secrets.DecryptionError:
            lost.append(row.connection_id)
    return done, lost
