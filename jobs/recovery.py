"""Recovery of jobs that cannot go on by themselves: those of unknown outcome, and those that stopped getting on.

An unknown job ends by release, resend or a time limit. What may have been bought is never submitted again here; a
stalled job with a live attempt goes on from where it stopped. Nothing is changed if IllegalTransition is raised.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.database.transitions import IllegalTransition
from jobs import registry
from jobs.events import Signature, of_person
from jobs.lifecycle import transitions
from jobs.models import Attempt, Job, State
from jobs.worker import queue

OLD = timedelta(minutes=15)  # operators see those that are unknown for longer
_LIVE = {"outcome__in": Attempt.LIVE}
_RESUMABLE = {State.SUBMITTING, State.UNKNOWN, State.RUNNING, State.FETCHING, State.STORED}


def release_message(job: Job) -> str:
    """What became of the money, and of the film: nobody hopes for one that cannot be found out about, and nothing is
    called free that one's own account may have been charged for."""
    kind = registry.kind_of(job)
    news, names = kind.late_news(job), {"provider": kind.provider_label(job)}
    told = [_("The amount on hold was refunded.") if job.price_reserved else _("This job was given up.")]
    if news.may_cost:
        told.append(_("The %(provider)s account may have been charged once; check its usage page.") % names)
        if news.is_repeated:
            told.append(_("Each earlier attempt without a response may also have been charged."))
    if news.source == "none":
        told.append(_("The studio cannot find out whether %(provider)s generated this.") % names)
    elif news.may_cost:
        told.append(_("If the video arrives after all, it is added as another take, at no further cost."))
    else:
        told.append(_("If the video arrives after all, you get it for free."))
    return " ".join(told)


def describe_unknown(job: Job) -> None:
    """Set ``late_news`` and ``resend_question`` on a job of unknown outcome, for its page."""
    if job.state == State.UNKNOWN:
        job.late_news = registry.kind_of(job).late_news(job)
        job.resend_question = _resend_question(job.late_news)


def _resend_question(news: registry.LateNews) -> str:
    """Returns the question before a resend, which says how often users' accounts may have been charged by then."""
    bought = news.earlier + (2 if news.may_cost else 0)  # this try, and the one that is asked for
    if not bought:
        return _("Resend? You pay at most once.")
    if bought == 2:
        return _("Resend? You pay at most once; the account at the provider may be charged twice.")
    return ngettext(
        "Resend? You pay at most once; the account at the provider may be charged once.",
        "Resend? You pay at most once; the account at the provider may be charged %(n)d times.",
        bought,
    ) % {"n": bought}


def describe_release_delay() -> str:
    """After how long what is held comes back by itself: whole days as days."""
    hours = int(settings.UNKNOWN_HOURS)
    if hours % 24 == 0:
        return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def find_old_unknown():
    """Jobs that an operator should look at, the oldest first."""
    return Job.objects.filter(state=State.UNKNOWN, state_since__lt=Now() - OLD).order_by("state_since")


@transaction.atomic
def give_up(claim, *, reason: str) -> None:
    """End an unknown job from its step: release the hold and abandon the attempt."""
    claim.job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    claim.move_to(State.FAILED, reason=reason, error_code=reason, error_public=release_message(claim.job))


@transaction.atomic
def release(job: Job, *, by) -> Job:
    """A person wants their money back now: always allowed, while nobody knows. IllegalTransition when somebody does:
    what is being asked for, made or fetched is paid for, and is neither given back nor sent again. JobRefused where its
    kind knows that it is there."""
    _must_be_unknown(job)
    registry.kind_of(job).check_release(job)
    job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    with translation.override(job.language or None):  # it is read by whoever asked, not by whoever gives it up
        facts = {"error_code": "released", "error_public": release_message(job), "fence": F("fence") + 1}
    transitions.move(job, State.FAILED, by=of_person(by), reason="released", **facts)
    return job


@transaction.atomic
def resend(job: Job, *, by) -> Job:
    """Send it once more as a new attempt: the person pays once at most, whatever becomes of the old one.
    JobRefused, and nothing changed, where the job's kind lets only its owner do so; IllegalTransition as above."""
    _must_be_unknown(job)
    registry.kind_of(job).check_resend(job, by)
    job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    facts = {"fence": F("fence") + 1, "next_run_at": Now()}
    transitions.move(job, State.QUEUED, by=of_person(by), reason="asked anew", **facts)
    queue.nudge(job)
    return job


def _must_be_unknown(job: Job) -> None:
    if job.state != State.UNKNOWN:
        raise IllegalTransition(f"job {job.pk} is {job.state}, not unknown")


def live_attempt(job) -> Attempt | None:
    """Returns the attempt that may still give a result."""
    return job.attempts.filter(outcome__in=Attempt.LIVE).first()


@transaction.atomic
def resume(job, *, by: Signature, reason: str, **facts) -> None:
    """Continue the job where it stopped, with fresh tries and a fresh time limit. It must have a live attempt."""
    attempt = live_attempt(job)
    if job.deadline_at and job.started_at:
        facts["deadline_at"] = Now() + max(job.deadline_at - job.started_at, timedelta(hours=1))
    job.attempts.filter(pk=attempt.pk).update(fetches=0, misses=0)
    facts |= {"fence": F("fence") + 1, "error_code": "", "error_public": ""}
    transitions.move(job, _state_to_resume(job, attempt), by=by, reason=reason, **facts)
    queue.nudge(job)


@transaction.atomic
def end_stalled(job, state: str, *, by: Signature, reason: str, words: str = "", code: str = "") -> None:
    """End a job that nobody works on. Its kind's message about the price follows ``words``.

    A user who had a plain result before the job was resumed keeps that result: then the job ends as it did before.
    """
    with translation.override(job.language or None):  # it is read by whoever asked, not by whoever ends it
        kind = registry.kind_of(job)
        if kept := kind.kept_message(job):
            facts = {"error_code": code, "error_public": kept[:500], "fence": F("fence") + 1}
            return transitions.move(job, State.READY_DEGRADED, by=by, reason=reason, **facts)
        charge, billing = kind.bill(job) if words or job.attempts.exists() else (0, "")
        unsure = [Attempt.Outcome.OPEN, Attempt.Outcome.AMBIGUOUS]
        job.attempts.filter(outcome__in=unsure).update(outcome=Attempt.Outcome.ABANDONED)
        facts = {"error_code": code, "error_public": f"{words} {billing}".strip()[:500], "fence": F("fence") + 1}
        return transitions.move(job, state, by=by, reason=reason, charge=charge, **facts)


def _state_to_resume(job, attempt: Attempt) -> str:
    if job.state == State.STUCK:
        event = job.events.filter(new=State.STUCK).exclude(old=State.STUCK).last()
        if event and event.old in _RESUMABLE:
            return event.old
    if job.state == State.READY_DEGRADED:
        return State.STORED  # it is here: what is asked for is only that it be made ready
    return State.RUNNING if attempt.outcome == Attempt.Outcome.ACCEPTED else State.SUBMITTING
