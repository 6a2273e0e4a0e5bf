"""What the state of a job means to pages: shared by the job's row and by the part of it that a list reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.billing.models import Payer
from common import messages
from jobs.states import GOOD_ENDS, TERMINAL, State

BLOCKED = "blocked_"  # prefix of the codes of progress notes that name what somebody has to do
BLOCKED_QUOTA, BLOCKED_SITE = f"{BLOCKED}quota", f"{BLOCKED}site"  # top up an account; only an administrator can do it


class JobStatus:
    """Questions about the state of a job, for a class with the columns of ``StatusRow``."""

    state: Any
    progress: Any
    progress_message: Any
    is_queued_at_provider: Any
    cancel_requested_at: Any
    finished_at: Any

    @property
    def is_active(self) -> bool:
        return self.state not in TERMINAL

    @property
    def is_good(self) -> bool:
        return self.state in GOOD_ENDS

    @property
    def is_retryable(self) -> bool:
        return self.state in TERMINAL - GOOD_ENDS

    @property
    def is_stopping(self) -> bool:
        return self.is_active and self.cancel_requested_at is not None

    @property
    def waits_at_provider(self) -> bool:
        """Return whether the provider has accepted the job and, as far as known, not begun it."""
        return self.state == State.RUNNING and bool(self.is_queued_at_provider)

    @property
    def is_blocked(self) -> bool:
        """Return whether the job waits until somebody does something, such as topping up an account."""
        is_waiting = self.state == State.QUEUED and self.cancel_requested_at is None
        return is_waiting and messages.get_code(self.progress_message).startswith(BLOCKED)

    @property
    def was_reopened(self) -> bool:
        """Return whether the job had ended, with its hold closed, and is searched for or processed again."""
        return self.is_active and self.finished_at is not None

    @property
    def percent(self) -> int:
        return self.progress // 10


class JobTexts(JobStatus):
    """What pages say of a job, for a class with the columns of ``jobs.listing.rows.JobRow``."""

    pk: Any
    rev: Any
    payer: Any
    progress_text: Any
    error_message: Any
    error_text: Any

    @property
    def topic(self) -> str:
        """Return the value of ``data-topics`` for an element that shows the job (common.live.topics)."""
        return f"job:{self.pk}.{self.rev}"

    @property
    def is_paid_by_user(self) -> bool:
        """Return whether the provider bills a user's or the workspace's own account, and not the site's."""
        return self.payer == Payer.OWN

    @property
    def progress_note(self) -> str:
        """Return the note about the progress in the active language."""
        return messages.from_json(self.progress_message) or self.progress_text

    @property
    def error_public(self) -> str:
        """Return the error message for users in the active language."""
        return messages.from_json(self.error_message) or self.error_text

    @property
    def error_details(self) -> str:
        """Return what the provider itself said about the error, or ""."""
        return messages.from_json(self.error_message).details

    @property
    def can_be_resumed(self) -> bool:
        """Return whether a user can try the blocked job again."""
        return self.is_blocked and messages.get_code(self.progress_message) != BLOCKED_SITE


@dataclass(frozen=True)
class StatusRow(JobStatus):
    """The state of a job without the rest of its row. The fields are columns of Job."""

    kind: str
    state: str
    progress: int
    progress_message: dict | None
    is_queued_at_provider: bool | None
    cancel_requested_at: datetime | None
    finished_at: datetime | None
