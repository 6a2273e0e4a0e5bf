"""Send one request to a language model, and word its failures: what happened, and whether it may have been charged."""

import logging

from common.messages import PROVIDER_MESSAGE, Message, build_message, join_messages
from generation.providers.connections import health as connection_health
from generation.providers.connections.open_connection import open_connection
from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError, message_for, quote_for_everybody
from generation.providers.models import Connection
from generation.providers.registry import language_providers
from jobs.lifecycle.lease import StepFailed

log = logging.getLogger("generation.worker.language")
NEVER_CHARGED = (Fault.AUTH, Fault.QUOTA, Fault.INVALID, Fault.TRANSIENT)
WRONG_ADDRESS_STATUSES = (404, 405, 410)


def list_writers(by, workspace):
    """Return the connections to language models that the user can use in the workspace, preferred ones first."""
    return Connection.objects.usable_by(by, workspace).filter(provider__in=language_providers()).preferred()


def charge_message() -> Message:
    return build_message("model_may_be_charged")


def not_charged(code: str, **values) -> Message:
    """Return the sentence, and that nothing was charged."""
    return join_messages(build_message(code, **values), build_message("not_charged"))


def check_writer(connection: Connection | None, by, workspace) -> Connection:
    """Return the connection. Raises StepFailed if the user may no longer use it."""
    if connection is None or not list_writers(by, workspace).filter(pk=connection.pk).exists():
        raise StepFailed("no_connection", not_charged("connection_gone"))
    return connection


def ask_model(connection: Connection, messages: list[dict], *, job_id, on_text, on_silence) -> str:
    """Send the messages in one POST, which is never repeated, and return the whole text. Raises StepFailed."""
    name = connection.label
    try:
        engine, opened = language_providers()[connection.provider], open_connection(connection)
        text = engine.converse(opened, messages, on_text=on_text, on_silence=on_silence)
    except NotSent:
        raise StepFailed("not_sent", not_charged("model_unreached", provider=name)) from None
    except NoAnswer:
        message = build_message("model_stopped", provider=name)
        raise StepFailed("no_answer", join_messages(message, charge_message())) from None
    except RemoteError as error:
        error.redact(*(text for message in messages for text in _list_texts(message)))
        log.warning("job %s: %s: %s", job_id, connection.provider, error.for_log)
        _record_health(connection, error)
        raise _build_failure(name, error) from None
    connection_health.mark_good(connection)
    return text


def _list_texts(message: dict) -> list[str]:
    """Return the texts of a message, and the pictures in it as data URIs."""
    content = message.get("content", "")
    if isinstance(content, str):
        return [content]
    return [part["text"] if part["type"] == "text" else part["image_url"]["url"] for part in content]


def _record_health(connection: Connection, error: RemoteError) -> None:
    """Store an error of the connection for its owners. It may name the account or key, so other users don't see it."""
    if _is_wrong_address(error):
        connection_health.store_error(connection, connection_health.ELSEWHERE, error)
    elif error.fault in (Fault.AUTH, Fault.QUOTA):
        if connection_health.mark_broken(connection, error) and connection.scope == "site":
            log.error("the site's own language model %s is refused (%s, %s)", connection.pk, error.fault, error.code)
    elif error.fault not in (Fault.INVALID, Fault.MODERATION) and not error.message:
        connection_health.store_error(connection, connection_health.BUSY, error)


def _build_failure(name: str, error: RemoteError) -> StepFailed:
    """Return the failure with a message for users. It quotes the provider only about invalid requests."""
    message = message_for(error.fault, name)
    if error.fault == Fault.TRANSIENT:
        message = build_message("model_busy", provider=name)
    if error.fault in (Fault.FAILED, Fault.UNKNOWN, Fault.LOST):
        message = build_message("model_broke_off", provider=name)
    if _is_wrong_address(error):
        message = connection_health.describe_code(connection_health.ELSEWHERE, name)
    elif error.fault == Fault.INVALID and (quote := quote_for_everybody(error.detail)):
        message = join_messages(message, build_message(PROVIDER_MESSAGE, words=quote))
    money = build_message("not_charged") if error.fault in NEVER_CHARGED else charge_message()
    return StepFailed(error.fault.value, join_messages(message, error.message, money))


def _is_wrong_address(error: RemoteError) -> bool:
    """Return whether a different server seems to be at the address: 404, 405 or 410 without an error code."""
    return error.status in WRONG_ADDRESS_STATUSES and error.code == f"http_{error.status}"
