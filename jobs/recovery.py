"""Jobs whose submission may or may not have happened: two ways out for people, one for time. None is sent twice."""

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
from jobs.events import of_person
from jobs.lifecycle import transitions
from jobs.models import Attempt, Job, State
from jobs.worker import queue

OLD = timedelta(minutes=15)  # operators see those that are unknown for longer

_LIVE = {"outcome__in": Attempt.LIVE}


def released_words(job: Job) -> str:
    """What became of the money, and of the film: nobody hopes for one that cannot be found out about, and nothing is
    called free that one's own account may have been charged for."""
    silence, names = registry.silence(job), {"provider": registry.payee(job)}
    told = [_("What was held for this was given back.") if job.price_reserved else _("This was given up.")]
    if silence.may_cost:
        told.append(_("The account at %(provider)s may have been charged once; its own usage page tells.") % names)
        if silence.is_repeated:
            told.append(_("Each earlier try that got no answer may have been charged as well."))
    if silence.news == "none":
        told.append(_("Whether %(provider)s made it cannot be found out from here.") % names)
    elif silence.may_cost:
        told.append(_("If the film turns up after all, it is one more take, at no further cost."))
    else:
        told.append(_("If the film turns up after all, you get it for free."))
    return " ".join(told)


def tell(job: Job) -> None:
    """Read what the page of an unanswered one says, as its ``silence`` and ``anew_words``."""
    if job.state == State.UNKNOWN:
        job.silence = registry.silence(job)
        job.anew_words = _anew_words(job.silence)


def _anew_words(silence: registry.Silence) -> str:
    """What somebody is asked before it is sent once more: how often accounts of people may have been charged then."""
    bought = silence.earlier + (2 if silence.may_cost else 0)  # this try, and the one that is asked for
    if not bought:
        return _("Ask again? You pay once at most.")
    if bought == 2:
        return _("Ask again? You pay once at most; the account at the provider may be charged twice.")
    return ngettext(
        "Ask again? You pay once at most; the account at the provider may be charged once.",
        "Ask again? You pay once at most; the account at the provider may be charged %(n)d times.",
        bought,
    ) % {"n": bought}


def wait_words() -> str:
    """After how long what is held comes back by itself: whole days as days."""
    hours = int(settings.UNKNOWN_HOURS)
    if hours % 24 == 0:
        return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def old_ones():
    """Jobs that an operator should look at, the oldest first."""
    return Job.objects.filter(state=State.UNKNOWN, state_since__lt=Now() - OLD).order_by("state_since")


@transaction.atomic
def end(claim, *, reason: str) -> None:
    """A step ends the wait: the hold is given back, the attempt is given up."""
    claim.job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    claim.move_to(State.FAILED, reason=reason, error_code=reason, error_public=released_words(claim.job))


@transaction.atomic
def release(job: Job, *, by) -> Job:
    """A person wants their money back now: always allowed, while nobody knows. IllegalTransition when somebody does:
    what is being asked for, made or fetched is paid for, and is neither given back nor sent again. JobRefused where its
    kind knows that it is there."""
    _must_be_unknown(job)
    registry.tell(job, "released")
    job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    with translation.override(job.language or None):  # it is read by whoever asked, not by whoever gives it up
        facts = {"error_code": "released", "error_public": released_words(job), "fence": F("fence") + 1}
    transitions.move(job, State.FAILED, by=of_person(by), reason="released", **facts)
    return job


@transaction.atomic
def ask_anew(job: Job, *, by) -> Job:
    """Send it once more as a new attempt: the person pays once at most, whatever becomes of the old one.
    JobRefused, and nothing changed, where the job's kind lets only its owner do so; IllegalTransition as above."""
    _must_be_unknown(job)
    registry.tell(job, "asked_anew", by)
    job.attempts.filter(**_LIVE).update(outcome=Attempt.Outcome.ABANDONED)
    facts = {"fence": F("fence") + 1, "next_run_at": Now()}
    transitions.move(job, State.QUEUED, by=of_person(by), reason="asked anew", **facts)
    queue.nudge(job)
    return job


def _must_be_unknown(job: Job) -> None:
    if job.state != State.UNKNOWN:
        raise IllegalTransition(f"job {job.pk} is {job.state}, not unknown")
