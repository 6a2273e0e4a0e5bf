"""Transitions of jobs: compare-and-set, with event, ledger and hooks of the kind in one transaction."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.billing import ledger
from common.database.transitions import IllegalTransition
from common.failpoints import failpoint
from common.messages import to_json
from jobs import events, hints, registry
from jobs.models import TERMINAL, Job
from jobs.states import GOOD_ENDS, NEXT


@transaction.atomic
def move(
    job: Job,
    state: str,
    *,
    by=events.STUDIO,
    reason="",
    charge=None,
    error_public: str | None = None,
    progress_note: str | None = None,
    **facts,
) -> None:
    """Change the state of a job, if its state and fence are still as read. Atomic.

    A terminal state closes the hold: success costs the price of the job, everything else nothing, unless ``charge``
    (millionths) is given. ``error_public`` and ``progress_note`` are messages to store, ``facts`` more
    columns to write. Raises IllegalTransition.
    """
    if state not in NEXT.get(job.state, ()):
        raise IllegalTransition(f"job {job.pk}: {job.state} -> {state}")
    if error_public is not None:
        facts |= {"error_message": to_json(error_public), "error_text": ""}
    if is_end := state in TERMINAL:
        charge = (job.price if state in GOOD_ENDS else 0) if charge is None else charge
        facts |= _end_columns(job, charge)
    if state in GOOD_ENDS:
        facts["progress"], progress_note = 1000, ""
    if progress_note is not None:
        facts |= note_columns(progress_note)
    rows = Job.objects.filter(pk=job.pk, state=job.state, fence=job.fence)
    updated = rows.update(
        **{"state": state, "state_since": Now(), "next_run_at": Now(), "lease_until": None, "lease_owner": ""}
        | {"rev": F("rev") + 1, "no_progress_count": 0, "progress_peak": 0, "is_queued_at_provider": False}
        | facts
    )
    if not updated:
        raise IllegalTransition(f"job {job.pk} has already left {job.state} or has a newer lease")
    events.write_event(job, by, new=state, reason=reason)
    job.refresh_from_db()
    if is_end:
        failpoint("before_ended", str(job.pk))
        registry.kind_of(job).on_end(job)
        settle(job, charge)  # last: others also lock rows before the wallet
    hints.hint_after_commit(job)


def _end_columns(job: Job, charge: int) -> dict:
    """Return the columns of a job that ends at this charge (millionths)."""
    if job.was_reopened:  # its hold was closed when it first ended
        return {"finished_at": Now()}
    return {"finished_at": Now(), "price_charged": min(charge, job.price_reserved)}


def note_columns(note: str) -> dict:
    """Return the columns that store a note about a job's progress."""
    return {"progress_message": to_json(note), "progress_text": ""}


def settle(job, charge):
    """Close the hold of an ended job, unless it is closed already."""
    if charge or job.is_good:
        ledger.settle(job.pk, amount=charge)
    else:
        ledger.release(job.pk)
