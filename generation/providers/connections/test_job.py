"""Job that tests a connection: it sends one free request and stores the state of the connection."""

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts import audit
from common.messages import build_message, join_messages
from generation.providers.connections import health as connection_health
from generation.providers.connections.open_connection import open_connection
from generation.providers.connections.services import wake_jobs
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError, redact_secrets
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers
from jobs import services as jobs
from jobs.lifecycle.lease import StepFailed
from jobs.models import Job, State
from jobs.registry import JobKind

NAME = "connection_test"
PASSING = (Fault.TRANSIENT, Fault.UNKNOWN)  # the provider is busy or failing, the connection may be fine
UNKNOWN_PATH = (404, 405, 410)  # HTTP statuses of another kind of server


@transaction.atomic
def start_test(connection: Connection, *, by, workspace, page: str = "") -> Job:
    """Return the running test of the connection, or queue a new one."""
    Connection.objects.select_for_update(no_key=True).only("pk").get(pk=connection.pk)
    if running := running_tests([connection]).get(connection.pk):
        return running
    audit.record(by=by, verb="connection.tested", target=connection, workspace=connection.workspace)
    return jobs.submit(
        workspace=connection.workspace or workspace,
        by=by,
        kind=NAME,
        title=connection.label,
        page=page,
        provider=connection.provider,
        params={"connection": str(connection.pk)},
        idem_key=f"test-{uuid.uuid4().hex}",
        is_limited=False,
    )


def running_tests(connections) -> dict:
    """Return {connection id: its running test}, without connections that are not being tested."""
    ids = [str(connection.pk) for connection in connections]
    rows = Job.objects.active().filter(kind=NAME, params__connection__in=ids) if ids else ()
    return {uuid.UUID(job.params["connection"]): job for job in rows}


def run(lease) -> None:
    """Send the free request and store its result. Raises StepFailed if the connection does not work."""
    connection = Connection.objects.filter(pk=lease.params["connection"], deleted_at=None).first()
    engine = connectable_providers().get(connection.provider) if connection else None
    if connection is None or engine is None or engine.is_local:
        raise StepFailed("gone", join_messages(build_message("connection_gone"), build_message("not_charged")))
    name = str(engine.label)
    try:
        answer = engine.check(open_connection(connection))
    except NotSent:
        _fail(connection, connection_health.NOT_SENT)
    except NoAnswer:
        _fail(connection, connection_health.NO_ANSWER)
    except RemoteError as error:
        _handle_refusal(connection, engine, error)
    _update(connection, health=Connection.Health.GOOD, last_error="", paused_until=None)
    wake_jobs(connection)
    lease.record_event(f"tested|{name}|{redact_secrets(answer, 120)}")
    lease.move_to(State.STORED)


def _handle_refusal(connection: Connection, engine, error: RemoteError) -> None:
    is_elsewhere = error.status in UNKNOWN_PATH or error.fault == Fault.LOST
    if is_elsewhere and error.code not in engine.setting_errors:  # setting_errors name the wrong setting precisely
        _fail(connection, connection_health.ELSEWHERE, error)
    if error.fault in PASSING:
        _stop(connection, error.fault.value, last_error=connection_health.format_error(connection_health.BUSY))
    _fail(connection, error.fault.value, error)


def _fail(connection: Connection, code: str, error: RemoteError | None = None) -> None:
    _stop(connection, code, health=Connection.Health.BROKEN, last_error=connection_health.format_error(code, error))


def _stop(connection: Connection, code: str, **facts) -> None:
    _update(connection, **facts)
    connection.last_error = facts["last_error"]
    raise StepFailed(code, connection_health.build_test_message(connection))


def _update(connection: Connection, **facts) -> None:
    """Update the row unless the connection's key was replaced during the test."""
    Connection.objects.filter(pk=connection.pk, key_version=connection.key_version).update(
        checked_at=timezone.now(), **facts
    )


class ConnectionTestKind(JobKind):
    name = NAME
    label = gettext_lazy("Connection test")
    running_label = gettext_lazy("Testing")
    steps = {State.RUNNING: run}
    long_wait_states = frozenset({State.RUNNING})
    is_retryable = False  # the button is beside the connection, where only those who may use the connection find it
    is_system = True
    is_private = True  # shows the provider's response; other users see on Connections whether the connection works

    def model_label(self, job: Job) -> str:
        engine = connectable_providers().get(job.provider)
        return str(engine.label) if engine else job.provider


EVENT_MESSAGES = {"tested": gettext_lazy("{0} responded: {1}")}
