"""What operators know better of a provider than its adapter declares (``ProviderManners``): it lies over the manners of
every engine, for whoever reads them. Asked of the database every few seconds and for all providers at once, so that
thousands of polls ask nothing more.
"""

import time
from dataclasses import replace
from threading import Lock

from generation.models import ProviderManners
from generation.providers.manners import Billing, Manners, Recovery

KEPT_SECONDS = 5.0  # an operator's change is seen by every process within this time
ALIKE = (
    "busy_never_creates", "absence_is_proof", "misses", "first_look", "look_every", "look_at_most_every",
    "concurrency", "per_minute",
)  # fmt: skip
_reading = Lock()
_kept: dict[str, tuple[float, dict[str, dict]]] = {}


def manners(slug: str, declared: Manners) -> Manners:
    changes = _said().get(slug)
    return replace(declared, **changes) if changes else declared


def over(declared: Manners, row: ProviderManners | None) -> Manners:
    """The same of a row that may not be in effect yet."""
    return replace(declared, **_changes(row)) if row else declared


def forget() -> None:
    """Read again at the next question: an operator changed something in this process."""
    _kept.clear()


def _said() -> dict[str, dict]:
    """Changes of all providers. Many threads ask: one of them reads, the others wait for what it brings."""
    found = _kept.get("all")
    if found is None or time.monotonic() - found[0] > KEPT_SECONDS:
        with _reading:
            newest = _kept.get("all")
            if newest is None or newest is found:  # nobody was faster
                rows = ProviderManners.objects.all()
                newest = _kept["all"] = (time.monotonic(), {row.provider: _changes(row) for row in rows})
            found = newest
    return found[1]


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
