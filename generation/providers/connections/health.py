"""State of a connection: its last error as a code with the provider's text, shown in the reader's language."""

from django.utils.translation import gettext as _

from generation.providers.errors import Fault, RemoteError, message_for, quote
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers

NOT_SENT, NO_ANSWER, BUSY, ELSEWHERE = "not_sent", "no_answer", "busy", "elsewhere"
SEPARATOR = "|"  # no code contains it


def format_error(code: str, error: RemoteError | None = None) -> str:
    """Return the value for ``Connection.last_error``, which is translated when it is shown."""
    detail = " ".join(part for part in (error.code, quote(error.detail)) if part) if error else ""
    return f"{code}{SEPARATOR}{detail}"


def mark_broken(connection: Connection, error: RemoteError, **columns) -> bool:
    """Mark the connection broken with its reason. Returns whether it was not broken before."""
    rows, broken = _unchanged(connection), Connection.Health.BROKEN
    is_news = bool(rows.exclude(health=broken).update(health=broken))
    rows.update(last_error=format_error(error.fault.value, error), **columns)
    return is_news


def store_error(connection: Connection, code: str, error: RemoteError) -> None:
    """Store an error that does not mean that the connection is broken."""
    _unchanged(connection).update(last_error=format_error(code, error))


def mark_good(connection: Connection) -> None:
    """Mark the connection good; no write if it is already."""
    good = Connection.Health.GOOD
    _unchanged(connection).exclude(health=good, last_error="").update(health=good, last_error="")


def _unchanged(connection: Connection):
    """Return the row as a queryset, empty if its key or address changed since it was read."""
    return Connection.objects.filter(**{name: getattr(connection, name) for name in ("pk", "key_version", "base_url")})


def describe(connection: Connection, *, is_brief: bool = False) -> str:
    """Return what is wrong and what to do; empty if nothing is.

    ``is_brief``: without the provider's message, which may name the account and is for the connection's owners.
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


def _setting_error(engine, detail: str) -> str:
    """Return the adapter's message if a setting of the connection is wrong: ``detail`` starts with its code."""
    messages = engine.setting_errors if engine and not engine.is_local else {}
    return str(messages.get(detail.partition(" ")[0], ""))


def describe_code(code: str, provider: str) -> str:
    """Return the message of a code for the user; empty for an unknown code."""
    messages = {
        NOT_SENT: _("Couldn’t reach %(provider)s at its address."),
        NO_ANSWER: _("%(provider)s did not respond. Try again later."),
        BUSY: _("%(provider)s is busy or unavailable. Try again later."),
        ELSEWHERE: _("The server at this address does not respond like %(provider)s. Check the address."),
    }
    if code in messages:
        return messages[code] % {"provider": provider}
    return message_for(Fault(code), provider) if code in list(Fault) else ""
