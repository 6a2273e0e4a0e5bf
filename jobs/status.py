"""What the state of a job means to pages: shared by the job's row and by the part of it that a list reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common import messages
from jobs.states import GOOD_ENDS, TERMINAL, State

BLOCKED = "blocked_"  # prefix of the codes of progress notes that name what somebody has to do


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
