"""What the list shows of a job."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from jobs import registry
from jobs.models import Job
from jobs.registry import JobStory, Link
from jobs.retry_terms import RetryButton
from jobs.status import JobTexts


@dataclass(frozen=True)
class JobRow(JobTexts):
    """All that a list shows of a job but its time. The columns are those of Job; ``rev`` stands for the messages.

    ``cost_label``: what to say instead of the amounts, or "" (``JobKind.cost_label``). ``retry_button``:
    of the viewer, None if the viewer may not change the job (``can_change``) or nobody can retry it.
    """

    pk: UUID
    rev: int
    kind: str
    title: str
    page: str
    provider: str
    model: str
    seconds: int | None
    state: str
    progress: int
    is_queued_at_provider: bool | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    payer: str
    currency: str
    price_reserved: int
    price_charged: int
    cost_label: str
    can_change: bool
    can_retry: bool
    picture: str
    edit_url: str
    retry_button: RetryButton | None
    story: JobStory | None
    remedies: tuple[Link, ...]
    progress_message: Any = field(compare=False)
    progress_text: str = field(compare=False)
    error_message: Any = field(compare=False)
    error_text: str = field(compare=False)


def build_row(job: Job) -> JobRow:
    """Return the row of a job that ``views.cards.prepare_rows`` prepared, with ``can_change``."""
    values: Any = job
    return JobRow(
        **{name: getattr(values, name) for name in COLUMNS},
        remedies=tuple(values.remedies),
        cost_label=registry.kind_of(job).cost_label(job),
    )


COLUMNS = [name for name in JobRow.__dataclass_fields__ if name not in ("remedies", "cost_label")]
