"""Traits of a provider as its adapter declares them. Administrators may override some of them (overrides.py)."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Recovery(StrEnum):
    """How to find a submission whose response was lost."""

    OWN_ID = "own_id"  # we choose the task's id, so a query shows whether the task exists
    LIST = "list"  # the connection's tasks can be listed and matched; only a single match counts
    WEBHOOK = "webhook"  # only a callback with our reference can name the task
    NONE = "none"


class Stopping(StrEnum):
    NONE = "none"
    QUEUED = "queued"  # only while the task is queued at the provider
    ANY = "any"


class Billing(StrEnum):
    """When the provider charges."""

    FREE = "free"
    SUCCESS = "success"
    SUBMIT = "submit"
    UNDECLARED = "undeclared"


@dataclass(frozen=True)
class ProviderTraits:
    """What the worker needs to know about a provider. All times are seconds."""

    recovery: Recovery = Recovery.NONE
    absence_is_proof: bool = False
    """Whether a task that three searches over five minutes do not find was certainly never created."""
    is_busy_refusal: bool = False
    """Whether 429 on submit means that no task was created. If not, its outcome is unknown, as it is for 503."""
    is_busy_unclear: bool = False
    """Whether a task may exist even after an explicit busy code. Only administrators set this (overrides.py)."""
    billing: Billing = Billing.UNDECLARED
    stopping: Stopping = Stopping.NONE
    has_progress: bool = False
    has_webhooks: bool = False
    first_poll: float = 6.0
    poll_interval: float = 10.0
    max_poll_interval: float = 30.0
    deadline: float = 3600.0
    misses: int = 4
    """A task is lost after this many "no such task" responses in a row."""
    resubmits_lost: bool = False
    """A lost task is submitted again, a few times. Only if the provider charges nothing."""
    concurrency: int = 4
    """Maximum number of live tasks per connection, unless the connection sets its own limit."""
    per_minute: int = 60


RECOVERIES = (Recovery.NONE, Recovery.WEBHOOK, Recovery.LIST, Recovery.OWN_ID)  # from weakest to strongest
STOPPINGS = (Stopping.NONE, Stopping.QUEUED, Stopping.ANY)


def model_traits(traits: ProviderTraits, model) -> ProviderTraits:
    """Return the provider's traits for one of its models (a Capability), which may support less but never more."""
    recovery = _weaker(RECOVERIES, traits.recovery, model.recovery)
    if recovery == Recovery.WEBHOOK != traits.recovery and not traits.has_webhooks:
        recovery = Recovery.NONE
    return replace(
        traits,
        recovery=recovery,
        absence_is_proof=traits.absence_is_proof and recovery == traits.recovery,
        stopping=_weaker(STOPPINGS, traits.stopping, model.stopping),
        has_progress=traits.has_progress and model.has_progress is not False,
    )


def _weaker(order: tuple, of_provider, of_model):
    return of_provider if of_model is None else min(of_provider, of_model, key=order.index)
