"""What is wrong with an account: kept as a code beside the provider's own words, said in the language of who reads."""

from django.utils.translation import gettext as _

from generation.providers.errors import Fault, RemoteError, quoted, words_for
from generation.providers.models import Connection
from generation.providers.registry import connectables

NOT_SENT, NO_ANSWER, BUSY, ELSEWHERE = "not_sent", "no_answer", "busy", "elsewhere"
BETWEEN = "|"  # no code holds it


def kept(code: str, error: RemoteError | None = None) -> str:
    """For ``Connection.last_error``: whoever tests an account is seldom the only one who reads of it."""
    told = " ".join(part for part in (error.code, quoted(error.detail)) if part) if error else ""
    return f"{code}{BETWEEN}{told}"


def refused(connection: Connection, error: RemoteError, **columns) -> bool:
    """The account itself is in trouble, and its owner reads why; whether that is news."""
    rows, broken = _as_it_was(connection), Connection.Health.BROKEN
    is_news = bool(rows.exclude(health=broken).update(health=broken))
    rows.update(last_error=kept(error.fault.value, error), **columns)
    return is_news


def passing(connection: Connection, code: str, error: RemoteError) -> None:
    """Its owner reads what was said, though it says nothing of whether the account works."""
    _as_it_was(connection).update(last_error=kept(code, error))


def works(connection: Connection) -> None:
    """One that answers is in no trouble, whatever was said before; what is known to work is not written to."""
    good = Connection.Health.GOOD
    _as_it_was(connection).exclude(health=good, last_error="").update(health=good, last_error="")


def _as_it_was(connection: Connection):
    """One that has another key or address by now is not the one that was asked."""
    return Connection.objects.filter(**{name: getattr(connection, name) for name in ("pk", "key_version", "base_url")})


def words(connection: Connection, *, is_brief: bool = False) -> str:
    """What is wrong and what to do, or an empty string. What was kept before there were codes is said as it is.
    ``is_brief``: without the provider's own words, which may name the account and are for its owners."""
    code, between, told = connection.last_error.partition(BETWEEN)
    engine = connectables().get(connection.provider)
    if between and (mistake := _mistake(engine, told)):
        return mistake
    if is_brief:
        told = ""
    known = said(code, str(engine.label) if engine else connection.provider) if between else ""
    if not known:
        return connection.last_error
    return f"{known} ({told})" if told else known


def _mistake(engine, told: str) -> str:
    """What the adapter itself knows to be wrong with a setting: its code is the first of what was told."""
    known = engine.mistakes if engine and not engine.is_local else {}
    return str(known.get(told.partition(" ")[0], ""))


def said(code: str, provider: str) -> str:
    """What a code means, for the person who reads it."""
    own = {
        NOT_SENT: _("Couldn’t reach %(provider)s at its address."),
        NO_ANSWER: _("%(provider)s did not respond. Try again later."),
        BUSY: _("%(provider)s is busy or unavailable. Try again later."),
        ELSEWHERE: _("The server at this address does not respond like %(provider)s. Check the address."),
    }
    if code in own:
        return own[code] % {"provider": provider}
    return words_for(Fault(code), provider) if code in list(Fault) else ""
