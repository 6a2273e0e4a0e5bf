"""What is said of money where earlier tries of a job were never answered and given up: each may have been charged."""

from django.utils.translation import gettext as _

from generation.providers.models import Connection
from generation.providers.registry import providers
from generation.providers.remote import Billing
from jobs.lifecycle.lease import StepFailed
from jobs.models import Attempt


def given_up(job) -> list[str]:
    """The providers of people's own accounts that may have made what was given up here, one for each such try."""
    tries = job.attempts.filter(outcome=Attempt.Outcome.ABANDONED).order_by("n")
    return [name for name in map(_payee, tries) if name]


def before_the_last(job) -> int:
    """How many before the last try were given up that may have been charged."""
    newest = job.attempts.order_by("-n").first()
    tries = job.attempts.filter(outcome=Attempt.Outcome.ABANDONED)
    return sum(1 for each in tries if each != newest and _payee(each))


def earlier_words(job) -> str:
    """After words about the try that is told of; empty where every earlier one was answered or cost nothing."""
    return also() if given_up(job) else ""


def unspent_words(job, words: str = "") -> str:
    """``words``, or that nothing was charged, for a try that cost nothing; those before may have, where they were never
    answered and given up."""
    earlier = given_up(job)
    if not earlier:
        return words or _("Nothing was charged.")
    said = _("Your %(provider)s account may have been charged once.") % {"provider": earlier[-1]}
    return f"{said} {also()}" if len(earlier) > 1 else said


def unasked_words(job) -> str:
    """Of a provider that this install does not have any more nobody knows the rule: no more than that it may bill."""
    live = job.attempts.filter(outcome__in=Attempt.LIVE).first()
    if live is None or Connection.objects.filter(pk=live.account, owner=None, workspace=None).exists():
        return unspent_words(job)
    said = _("Your %(provider)s account may have been charged once.") % {"provider": job.provider}
    return f"{said} {earlier_words(job)}".strip()


def no_attempt_failure(submission) -> StepFailed:
    """The end of a job that is said to be made elsewhere and has no submission that anybody could ask after."""
    words = _("The studio cannot find out whether %(provider)s generated this.") % {"provider": submission.name}
    return StepFailed("untraced", f"{words} {unspent_words(submission.job)}")


def also() -> str:
    return _("Each earlier attempt without a response may also have been charged.")


def _payee(attempt: Attempt) -> str:
    """The provider through whose account it went; empty where it was the site's own, or nobody bills there."""
    connection = Connection.objects.filter(pk=attempt.account).first()
    engine = providers().get(attempt.provider)
    is_free = engine is not None and engine.traits.billing == Billing.FREE
    if is_free or (connection is not None and connection.scope == "site"):
        return ""
    return str(engine.label) if engine else attempt.provider
