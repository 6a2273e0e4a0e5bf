"""How long a clip waits for an account that takes nothing: a day, counted from the first trouble it met itself.

A long line of ours, a studio that was switched off and the time in which a lost answer was looked for do not count.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from generation.worker.no_answer_messages import unspent_words
from generation.worker.submission import Outcome, Submission
from jobs.lifecycle.lease import StepFailed
from jobs.models import Attempt

DAY = timedelta(days=1)
TROUBLE = ("not_sent", "busy", "account", "shut")  # reasons in a job's history
ANEW = Q(reason__in=["asked anew", "requeued"]) | Q(reason__startswith="absent|") | Q(reason__startswith="elsewhere|")


def spend(claim, submission: Submission, trouble: str = "") -> None:
    """StepFailed once it is over. ``trouble`` goes into the history, once, where no move of the job will say it."""
    since = _since(claim.job)
    if since is None:
        if trouble:
            claim.record_event(f"{trouble}|{submission.written}")
    elif claim.now - since > DAY and not _takes_others(submission, claim.now - DAY):
        words = _("No request could be made to %(provider)s for a whole day.") % {"provider": submission.name}
        raise StepFailed("never_sent", f"{words} {unspent_words(claim.job)}")


def _since(job) -> datetime | None:
    told = Q()
    for reason in TROUBLE:
        told |= Q(reason__startswith=f"{reason}|")
    trouble = job.events.filter(told)
    if begun := job.events.filter(ANEW).last():
        trouble = trouble.filter(pk__gt=begun.pk)
    first = trouble.first()
    return first.at if first else None


def _takes_others(submission: Submission, since: datetime) -> bool:
    """Of the same model: an account may be refused for one that its owner has not opened, and is well otherwise."""
    rows = Attempt.objects.filter(
        account=submission.connection.pk, outcome=Outcome.ACCEPTED, job__model=submission.job.model
    )
    return rows.filter(answered_at__gt=since).exists()
