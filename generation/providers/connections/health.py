"""Store the state of a connection and describe it to users.

The last error is stored as a code with the provider's text, and translated when it is shown.
"""

from django.utils.functional import Promise

from common.messages import PROVIDER_MESSAGE, VERBATIM, Message, build_message, join_messages
from generation.providers.errors import Fault, RemoteError, message_for, quote
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers

NOT_SENT, NO_ANSWER, BUSY, ELSEWHERE = "not_sent", "no_answer", "busy", "elsewhere"
SEPARATOR = "|"  # no code contains it


def format_error(code: str, error: RemoteError | None = None) -> str:
    """Return the value for ``Connection.last_error``: the code, and the error's code and text if there is one."""
    detail = " ".join(part for part in (error.code, quote(error.detail)) if part) if error else ""
    return f"{code}{SEPARATOR}{detail}"


def mark_broken(connection: Connection, error: RemoteError, **columns) -> bool:
    """Mark the connection broken and store the reason. Returns whether the connection was not broken before."""
    rows, broken = _unchanged(connection), Connection.Health.BROKEN
    is_news = bool(rows.exclude(health=broken).update(health=broken))
    rows.update(last_error=format_error(error.fault.value, error), **columns)
    return is_news


def store_error(connection: Connection, code: str, error: RemoteError) -> None:
    """Store an error that does not mean that the connection is broken."""
    _unchanged(connection).update(last_error=format_error(code, error))


def mark_good(connection: Connection) -> None:
    """Mark the connection good, and write nothing if it already is."""
    good = Connection.Health.GOOD
    _unchanged(connection).exclude(health=good, last_error="").update(health=good, last_error="")


def _unchanged(connection: Connection):
    """Return a queryset of the connection's row, empty if its key or address changed since the row was read."""
    return Connection.objects.filter(**{name: getattr(connection, name) for name in ("pk", "key_version", "base_url")})


def describe(connection: Connection, *, is_brief: bool = False) -> str:
    """Return what is wrong with the connection and what to do; "" if nothing is wrong.

    ``is_brief`` omits the provider's message, which may name the account and is meant for the connection's owners.
    """
    code, separator, detail = connection.last_error.partition(SEPARATOR)
    engine = connectable_providers().get(connection.provider)
    if separator and (message := _setting_error(engine, detail)):
        return message
    if is_brief:
        detail = ""
    known = describe_code(code, str(engine.label) if engine else connection.provider) if separator else ""
    if not known:
        return connection.last_error
    return f"{known} ({detail})" if detail else known


def read_code(connection: Connection) -> str:
    """Return the code of the connection's last error, or ""."""
    return connection.last_error.partition(SEPARATOR)[0]


def build_test_message(connection: Connection) -> Message:
    """Return what ``describe`` says, for the row of a job; the provider's own words are its details."""
    code, _separator, detail = connection.last_error.partition(SEPARATOR)
    engine = connectable_providers().get(connection.provider)
    messages = engine.setting_errors if engine and not engine.is_local else {}
    if setting := messages.get(detail.partition(" ")[0]):
        return build_message(VERBATIM, text=setting)
    known = describe_code(code, engine.label if engine else connection.provider)
    return join_messages(known, build_message(PROVIDER_MESSAGE, words=detail) if detail else "")


def _setting_error(engine, detail: str) -> str:
    """Return the adapter's message if ``detail`` starts with the code of a wrong setting of the connection, else ""."""
    messages = engine.setting_errors if engine and not engine.is_local else {}
    return str(messages.get(detail.partition(" ")[0], ""))


def describe_code(code: str, provider: str | Promise) -> Message:
    """Return the message for the user that belongs to a code; empty for an unknown code."""
    if code in (NOT_SENT, NO_ANSWER, BUSY, ELSEWHERE):
        return build_message(f"health_{code}", provider=provider)
    return message_for(Fault(code), provider) if code in list(Fault) else join_messages()
