"""Receive callbacks. They can only make a poll due, or name the task of a submission that got no response."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from django.core.cache import cache
from django.db.models.functions import Now
from django.dispatch import Signal

from generation.providers.awaited_attempts import awaited_attempts
from generation.providers.connections.open_connection import open_connection
from generation.providers.errors import RemoteError
from generation.providers.models import Connection, WebhookEvent
from generation.providers.registry import providers
from generation.providers.remote import Event, Forged, OpenConnection, Submitted
from jobs.models import Attempt, Job
from jobs.runtime import queue, wakeups

log = logging.getLogger("generation.providers.webhooks.receive")
LOG_PAUSE = 24 * 3600  # seconds between two log lines about the same connection
OLDER_KEYS = 5  # how many old key versions to try, so that a forged callback does not make us decrypt them all
KEEP_FOR = timedelta(days=14)  # lost submissions are searched for 72 hours, abandoned ones for a week

result_reported = Signal()  # attempt: an abandoned Attempt; found: the Submitted that its provider names


def find_connection(provider: str, token: str) -> Connection | None:
    """Return the connection of a callback URL, or None; a disabled or deleted one only while an attempt is awaited."""
    if not token.isprintable():
        return None
    connection = Connection.objects.filter(provider=provider, webhook_token=token).first()
    if connection is None or (connection.is_enabled and connection.deleted_at is None):
        return connection
    return connection if awaited_attempts().filter(connection_id=connection.pk).exists() else None


def read_event(connection: Connection, headers: Mapping, query: Mapping, body: bytes) -> Event:
    """Verify and read a callback, whose ``ref`` may be in the URL. Raises Forged, also if no key can be decrypted."""
    engine = providers().get(connection.provider)
    if engine is None or engine.is_local or not engine.traits.has_webhooks:
        raise Forged
    for version in _list_versions(connection):
        with suppress(Forged):
            event = engine.read_callback(_open_or_reject(connection, version), headers, body)
            return Event(_make_storable(event.task_id)[:200], _make_storable(event.ref or query.get("ref", ""))[:64])
    raise Forged


def _list_versions(connection: Connection) -> Iterator[int]:
    """Yield the newest key version, then older ones of awaited attempts, whose callbacks may be signed with old
    secrets.

    Versions that were deleted after a change of the address are not tried.
    """
    yield connection.key_version
    kept = connection.keys.exclude(version=connection.key_version).values("version")
    older = awaited_attempts().filter(connection_id=connection.pk, key_version__in=kept)
    yield from older.order_by("-key_version").values_list("key_version", flat=True).distinct()[:OLDER_KEYS]


def _open_or_reject(connection: Connection, version: int) -> OpenConnection:
    try:
        return open_connection(connection, version)
    except RemoteError as error:
        if cache.add(f"callbacks-unopened-{connection.pk}", True, LOG_PAUSE):
            log.error("callbacks of connection %s cannot be verified: %s", connection.pk, error)
        raise Forged from None


def _make_storable(value: str) -> str:
    """Return the value, or "" if it is not printable, since databases refuse some characters."""
    return value if value.isprintable() else ""


def delete_old_events() -> None:
    """Delete callbacks that are too old to be needed by a search."""
    WebhookEvent.objects.filter(received_at__lt=Now() - KEEP_FOR).delete()


def answer_challenge(connection: Connection, body: bytes) -> dict | None:
    """Return the JSON response to a provider's test of the callback URL, or None for a real callback."""
    return providers()[connection.provider].answer_challenge(body)


def find_response(connection: Connection) -> str:
    """Return the body that the provider expects in our response to a callback; "" if the status is enough."""
    return providers()[connection.provider].callback_response


def store_event(connection: Connection, event: Event, digest: str) -> bool:
    """Store the callback and make its job due. Returns False for a repeated callback, which changes nothing.

    Callbacks for unknown tasks are stored too, since a lost submission may later be found by its ``ref``.
    """
    _row, is_new = WebhookEvent.objects.get_or_create(
        connection=connection, digest=digest, defaults={"task_id": event.task_id, "ref": event.ref}
    )
    if is_new and (job := _find_job(connection, event)):
        wakeups.request_poll(job)
        queue.nudge(job)
    if is_new and event.task_id and (abandoned := _find_abandoned(connection, event)):
        result_reported.send(
            sender=Attempt, attempt=abandoned, found=Submitted(event.task_id, abandoned.handle | {"id": event.task_id})
        )
    return is_new


def _find_abandoned(connection: Connection, event: Event) -> Attempt | None:
    rows = Attempt.objects.filter(connection_id=connection.pk, outcome=Attempt.Outcome.ABANDONED).select_related("job")
    return rows.filter(client_ref=event.ref).first() if event.ref else None


def _find_job(connection: Connection, event: Event) -> Job | None:
    attempts = Attempt.objects.filter(provider=connection.provider, connection_id=connection.pk).select_related("job")
    attempt = attempts.filter(provider_task_id=event.task_id).first() if event.task_id else None
    attempt = attempt or (attempts.filter(client_ref=event.ref).first() if event.ref else None)
    return attempt.job if attempt else None
