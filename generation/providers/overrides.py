"""What operators know better of a provider than its adapter declares (``ProviderManners``): it lies over the manners of
every engine, its forms on the wire and its status words, for whoever reads them. Asked of the database every few
seconds and for all providers at once, so that thousands of polls ask nothing more.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from generation.providers.models import ProviderManners
from generation.providers.traits import Billing, Manners, Recovery, Way

KEPT_SECONDS = 5.0  # an operator's change is seen by every process within this time
ALIKE = (
    "busy_never_creates", "absence_is_proof", "misses", "first_look", "look_every", "look_at_most_every",
    "concurrency", "per_minute",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What operators say of one provider: by the names of Manners, by those of its ways, and by its status words."""

    changes: Mapping[str, object] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    """Word, in lower case → the name of a stage."""


NOTHING = Said()
_reading = Lock()
_kept: dict[str, tuple[float, dict[str, Said]]] = {}


def manners(slug: str, declared: Manners) -> Manners:
    changes = _said(slug).changes
    return replace(declared, **changes) if changes else declared


def way(slug: str, one: Way) -> str:
    """The form that an operator chose; what is declared where nobody did, or where that choice is no more."""
    chosen = _said(slug).ways.get(one.name)
    return chosen if chosen is not None and one.is_choice(chosen) else one.declared


def words(slug: str) -> Mapping[str, str]:
    """Status words that operators taught the studio: lower case → the name of a stage."""
    return _said(slug).words


def over(declared: Manners, row: ProviderManners | None) -> Manners:
    """The same of a row that may not be in effect yet."""
    return replace(declared, **_changes(row)) if row else declared


def forget() -> None:
    """Read again at the next question: an operator changed something in this process."""
    _kept.clear()


def _said(slug: str) -> Said:
    """Many threads ask: one of them reads what is said of all providers, the others wait for what it brings."""
    found = _kept.get("all")
    if found is None or time.monotonic() - found[0] > KEPT_SECONDS:
        with _reading:
            newest = _kept.get("all")
            if newest is None or newest is found:  # nobody was faster
                rows = ProviderManners.objects.all()
                newest = _kept["all"] = (time.monotonic(), {row.provider: _read(row) for row in rows})
            found = newest
    return found[1].get(slug, NOTHING)


def _read(row: ProviderManners) -> Said:
    taught = {word.casefold(): stage for word, stage in _texts(row.status_words).items()}
    return Said(_changes(row), _texts(row.ways), taught)


def _texts(told) -> dict[str, str]:
    """The page keeps nothing else; rows may have been written by other hands."""
    rows = told.items() if isinstance(told, dict) else ()
    return {name: value for name, value in rows if isinstance(value, str)}


def _changes(row: ProviderManners) -> dict:
    """What the operator gave, by the names of Manners."""
    changes = {name: getattr(row, name) for name in ALIKE if getattr(row, name) is not None}
    if row.busy_never_creates is False:
        changes["busy_may_create"] = True
    if row.billing:
        changes["billing"] = Billing(row.billing)
    if row.can_be_found is False:
        changes["recovery"] = Recovery.NONE
    if row.deadline_minutes is not None:
        changes["deadline"] = row.deadline_minutes * 60.0
    if row.good_key:
        changes["good_key"] = tuple(int(status) for status in row.good_key.split(","))
    return changes
