"""Retry all failed jobs: which ones cost nothing, and what the others cost together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.billing.money import money
from accounts.billing.spender import Spender
from jobs import registry, retry_terms
from jobs.models import Job
from jobs.retry_terms import RetryButton


@dataclass
class RetryPlan:
    """The retryable ones of some jobs.

    ``left_out``: jobs that cost more than before, or whose provider is not connected. ``totals``: currency →
    millionths. ``unpriced``: number of paid jobs whose price is unknown. ``after``: what the jobs at the site's expense
    leave to spend.
    """

    free: list[Job] = field(default_factory=list)
    paid: list[Job] = field(default_factory=list)
    left_out: list[Job] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    unpriced: int = 0
    after: str = ""

    @property
    def price(self) -> str:
        """Return the price of all paid jobs in words."""
        known = " + ".join(money(total, currency) for currency, total in sorted(self.totals.items()))
        return " + ".join(filter(None, [known, _("price unknown") if self.unpriced else ""]))

    @property
    def mark(self) -> str:
        """Return the price as the form sends it back."""
        totals = [f"{currency} {total}" for currency, total in sorted(self.totals.items())]
        return "; ".join([*totals, f"{self.unpriced} unpriced", f"{len(self.paid)} jobs"])


def plan_retries(jobs: Iterable[Job], by) -> RetryPlan:
    """Sort the jobs by what a retry by this user costs, and set ``retry_button`` on each.

    The jobs must be retryable (registry.retryable_ids).
    """
    plan, jobs = RetryPlan(), list(jobs)
    buttons = retry_terms.build_buttons(jobs, by)
    for job in jobs:
        job.retry_button = button = buttons[job.pk]
        price, currency = _read_price(button) or retry_terms.original_price(job)
        is_connected = registry.kind_of(job).is_local or bool(button.connection)
        if not is_connected or not retry_terms.is_covered(job, (price, currency)):
            plan.left_out.append(job)
        elif not price and button.is_priced:
            plan.free.append(job)
        else:
            plan.paid.append(job)
            plan.unpriced += not button.is_priced
            if button.is_priced:
                plan.totals[currency] = plan.totals.get(currency, 0) + price
    plan.after = _describe_after(plan.paid, by)
    return plan


def _describe_after(jobs: list[Job], by) -> str:
    """Return what retries of these jobs leave to spend; "" if the site pays none of them, or several workspaces do."""
    totals: dict[str, int] = {}
    paid = [job for job in jobs if job.retry_button.is_priced and not job.retry_button.is_own]
    for job in paid:
        if found := _read_price(job.retry_button):
            price, currency = found
            totals[currency] = totals.get(currency, 0) + price
    if len({job.workspace_id for job in paid}) != 1:
        return ""
    return Spender(paid[0].workspace, by).describe_after_sum(totals)


def _read_price(button: RetryButton) -> tuple[int, str] | None:
    amount, _space, rest = button.agreed.partition(" ")
    return (int(amount), rest.partition(" ")[0]) if amount else None
