"""List the jobs behind the figures: one line for each closed hold, with a link to its job.

Owners of the workspace see the jobs of all members, others their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.billing.hooks import BillingHooks
from accounts.billing.models import Hold, Payer, Wallet
from accounts.billing.money import money
from accounts.billing.usage.amounts import format_amount
from accounts.billing.usage.overview import name_provider, sees_all_members
from accounts.billing.usage.periods import Period
from accounts.billing.usage.sums import annotate_seconds
from accounts.models import User
from accounts.models.user import display_name
from accounts.viewer import Viewer

NEWEST_FIRST = ("-closed_at", "-job_id")


@dataclass(frozen=True)
class JobLine:
    """What one job cost. ``path``: of its page, "" if the job was deleted or is not the reader's."""

    hold: Hold
    title: str
    path: str
    provider: str
    story: str
    member: str
    seconds: int

    @property
    def closed_at(self) -> datetime | None:
        return self.hold.closed_at

    @property
    def asked(self) -> str:
        """Return the price in the provider's currency."""
        price = self.hold.amount if self.hold.price is None else self.hold.price
        return money(price, self.hold.price_currency or self.hold.wallet.currency)

    @property
    def charged(self) -> str:
        return format_amount(self.hold, self.hold.charged or 0)

    @property
    def is_free(self) -> bool:
        return not (self.hold.amount or self.hold.charged or self.hold.written_off)

    @property
    def is_failed(self) -> bool:
        return self.hold.state == Hold.State.RELEASED

    @property
    def is_own(self) -> bool:
        return self.hold.payer == Payer.OWN


def list_holds(viewer: Viewer, period: Period, **chosen: Any):
    """Return the holds that were closed in the period and whose jobs the viewer may see here (a query).

    ``chosen``: ``provider``, ``story_id`` and ``member_id`` of the holds; None for those without a story or member.
    """
    wallets = list(Wallet.objects.filter(workspace=viewer.workspace).values_list("pk", flat=True))
    rows = Hold.objects.filter(wallet__in=wallets, closed_at__gte=period.since, closed_at__lt=period.until, **chosen)
    rows = rows if sees_all_members(viewer) else rows.filter(member_id=viewer.pk)
    return annotate_seconds(rows).select_related("wallet")


def describe(holds: Iterable[Hold], viewer: Viewer) -> list[JobLine]:
    """Return the holds as lines, with what the viewer may see of their jobs and stories, in a few queries."""
    holds = list(holds)
    jobs = _ask("describe_jobs", viewer, [hold.pk for hold in holds])
    stories = _ask("describe_stories", viewer, list({hold.story_id for hold in holds if hold.story_id}))
    members = User.objects.in_bulk({hold.member_id for hold in holds if hold.member_id})
    people = {pk: display_name(member) for pk, member in members.items()}
    return [
        JobLine(
            hold=hold,
            title=jobs.get(hold.pk, (_("A deleted or private job"), ""))[0],
            path=jobs.get(hold.pk, ("", ""))[1],
            provider=name_provider(hold.provider),
            story=stories.get(hold.story_id, ("", ""))[0],
            member=people.get(hold.member_id, ""),
            seconds=getattr(hold, "clip_length", None) or getattr(hold, "film_length", None) or 0,
        )
        for hold in holds
    ]


def _ask(hook: str, *arguments) -> dict:
    return {pk: facts for answer in BillingHooks.values_of(hook) for pk, facts in answer(*arguments).items()}
