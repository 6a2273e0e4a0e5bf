"""A provider's ways, as its adapter declares them; what operators know better lies over them (overrides.py)."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Recovery(StrEnum):
    """How a submission is found again whose answer was lost."""

    OWN_ID = "own_id"  # we choose the id, asking by it is conclusive both ways
    LIST = "list"  # the account's tasks can be listed and matched; only a single match counts
    WEBHOOK = "webhook"  # only a callback carrying our reference can tell
    NONE = "none"


class Stopping(StrEnum):
    NONE = "none"
    QUEUED = "queued"  # only while it waits there
    ANY = "any"


class Billing(StrEnum):
    """When the provider takes money, as it declares it."""

    FREE = "free"
    SUCCESS = "success"
    SUBMIT = "submit"
    UNDECLARED = "undeclared"


@dataclass(frozen=True)
class Manners:
    """What the engine must know of a provider's ways. Seconds everywhere."""

    recovery: Recovery = Recovery.NONE
    absence_is_proof: bool = False
    """A task that three look-ups over five minutes do not show was never created."""
    busy_never_creates: bool = False
    """429 on submit is a refusal; otherwise it is of unknown outcome, as 503 always is."""
    busy_may_create: bool = False
    """No refusal for being busy is believed, however clearly it is worded. Only operators say so (overrides.py)."""
    billing: Billing = Billing.UNDECLARED
    stopping: Stopping = Stopping.NONE
    has_progress: bool = False
    has_webhooks: bool = False
    first_look: float = 6.0
    look_every: float = 10.0
    look_at_most_every: float = 30.0
    deadline: float = 3600.0
    misses: int = 4
    """So many "no such task" in a row mean that it is lost."""
    concurrency: int = 4
    """Live tasks per account unless the connection says otherwise."""
    per_minute: int = 60


RECOVERIES = (Recovery.NONE, Recovery.WEBHOOK, Recovery.LIST, Recovery.OWN_ID)
STOPPINGS = (Stopping.NONE, Stopping.QUEUED, Stopping.ANY)
"""Each from what can least to what can most."""


def of_model(told: Manners, model) -> Manners:
    """The provider's ways with one of its models (a Capability), which may say less of itself, never more: what an
    adapter cannot do, no row makes it do, and money hangs on what is looked for and on what is believed."""
    recovery = _least(RECOVERIES, told.recovery, model.recovery)
    if recovery == Recovery.WEBHOOK != told.recovery and not told.has_webhooks:
        recovery = Recovery.NONE
    return replace(
        told,
        recovery=recovery,
        absence_is_proof=told.absence_is_proof and recovery == told.recovery,
        stopping=_least(STOPPINGS, told.stopping, model.stopping),
        has_progress=told.has_progress and model.has_progress is not False,
    )


def _least(order: tuple, told, said):
    return told if said is None else min(told, said, key=order.index)
