"""Write the jobs of a period as CSV, one line each, for a spreadsheet."""

import csv
from collections.abc import Iterator
from itertools import batched

from django.utils.translation import gettext as _

from accounts.billing.amounts import MILLION
from accounts.billing.models import Payer
from accounts.billing.usage.job_lines import NEWEST_FIRST, JobLine, describe, list_holds
from accounts.billing.usage.kept import find_kept_jobs
from accounts.billing.usage.periods import Period
from accounts.viewer import Viewer

BATCH = 500
MARK = "\ufeff"  # Excel reads a file without this mark in the code page of its country
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Echo:
    """A file that returns each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def write_csv(viewer: Viewer, period: Period) -> Iterator[str]:
    """Yield the lines of the file, of the jobs that ``list_holds`` returns."""
    writer = csv.writer(_Echo())
    yield MARK + writer.writerow(_build_headings())
    kept = find_kept_jobs(viewer.workspace, period.since)
    holds = list_holds(viewer, period).order_by(*NEWEST_FIRST).iterator(BATCH)
    for some in batched(holds, BATCH):
        for line in describe(some, viewer):
            yield writer.writerow([quote_formula(value) for value in _build_row(line, line.hold.pk in kept)])


def quote_formula(value) -> str:
    """Return the value as text that no spreadsheet takes for a formula: users write titles and names."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _build_headings() -> list[str]:
    return [
        _("Ended"),
        _("Job number"),
        _("Job"),
        _("Provider"),
        _("Story"),
        _("Requested by"),
        _("Paid by"),
        _("Price"),
        _("Currency of the price"),
        _("On hold"),
        _("Charged"),
        _("Refunded"),
        _("Written off"),
        _("Currency"),
        _("Seconds"),
        _("Seconds used"),
    ]


def _build_row(line: JobLine, is_kept: bool) -> list:
    hold = line.hold
    price, charged = hold.amount if hold.price is None else hold.price, hold.charged or 0
    amounts = [hold.amount, charged, hold.amount - charged, hold.written_off]
    return [
        hold.closed_at.isoformat(timespec="seconds"),
        hold.pk,
        line.title,
        line.provider,
        line.story,
        line.member,
        Payer(hold.payer).label,
        _write_amount(price),
        hold.price_currency or hold.wallet.currency,
        *map(_write_amount, amounts),
        hold.wallet.currency,
        line.seconds,
        line.seconds if is_kept else 0,
    ]


def _write_amount(amount: int) -> str:
    return f"{amount / MILLION:.6f}".rstrip("0").rstrip(".")
