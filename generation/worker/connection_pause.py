"""Pauses of a connection: after the provider rejected the account, and for as long as the provider asks
(Retry-After)."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now

from generation.models import Clip
from generation.providers.connections import health as connection_health
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from generation.worker import messages

log = logging.getLogger("generation.worker")
PAUSE = timedelta(minutes=5)


def is_account_refused(error: RemoteError) -> bool:
    return error.fault in (Fault.AUTH, Fault.QUOTA)


def choose_closed_code(connection: Connection) -> str:
    """Return the code of the note of a job that waits for the connection: a blocked one if somebody has to repair it,
    "busy" if its pause only has to pass."""
    if not connection.is_enabled or connection.deleted_at is not None:
        return "blocked_connection"
    if connection.health != Connection.Health.BROKEN:
        return "busy"
    return choose_blocked_code(connection, connection_health.read_code(connection))


def choose_blocked_code(connection: Connection, fault: str) -> str:
    """Return the code of the note that says what has to be done about a rejected connection, and by whom."""
    if connection.scope == "site":
        return "blocked_site"
    return f"blocked_{fault if fault in (Fault.AUTH, Fault.QUOTA) else 'broken'}"


def pause_connection(connection: Connection, error: RemoteError, clip: Clip) -> None:
    """Send nothing through a rejected connection for PAUSE. Its owner sees the reason; for a connection of the site,
    the reason is logged."""
    messages.redact_prompt(error, clip)
    is_new = connection_health.mark_broken(connection, error, paused_until=Now() + PAUSE)
    if is_new and connection.scope == "site":
        facts = (connection.pk, connection.provider, error.fault, error.code)
        log.error("the site's own connection %s to %s is refused (%s, %s): nothing is sent through it", *facts)


def end_pause(connection: Connection) -> None:
    """End the pause of a rejected connection. A pause that the provider asked for is kept."""
    Connection.objects.filter(pk=connection.pk, health=Connection.Health.BROKEN).update(paused_until=None)


def rest_connection(connection: Connection, seconds: float | None) -> None:
    """Send nothing through the connection, for any job, until the time that the provider named is over."""
    if not seconds:
        return
    until = Now() + timedelta(seconds=seconds)
    rows = Connection.objects.filter(Q(paused_until=None) | Q(paused_until__lt=until), pk=connection.pk)
    rows.update(paused_until=until)


def mark_working(connection: Connection, key_version: int) -> None:
    """Record that the provider accepted a request through the connection, and end a pause after a rejection.

    A pause that the provider asked for is kept. A connection that is already marked as working is not written again.
    """
    good = Connection.Health.GOOD
    if (connection.health, connection.last_error) == (good, ""):
        return
    until = Case(When(health=Connection.Health.BROKEN, then=None), default=F("paused_until"))
    rows = Connection.objects.filter(pk=connection.pk, key_version=key_version)
    rows.update(health=good, last_error="", paused_until=until)


def scale_pause(seconds: float) -> float:
    """Return the pause in seconds, shortened by PROVIDER_PACE (in tests) or, without it, by PROVIDER_SECONDS / 45."""
    return seconds * min(1.0, settings.PROVIDER_PACE or settings.PROVIDER_SECONDS / 45)
