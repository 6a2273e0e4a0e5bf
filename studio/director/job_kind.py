"""A director's question as a kind of job."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jobs.models import State
from jobs.registry import Kind
from studio.director import worker as director_worker
from studio.models import Direction


def purged(job) -> None:
    Direction.objects.filter(job=job).update(job=None)


def _maker(job):
    return _("a language model")


def _cost(job):
    return _("nothing booked here")


def _was_sent(job) -> bool:
    return Direction.objects.filter(job=job, sent_at__isnull=False).exists()


def stopping(job) -> str:
    if _was_sent(job):
        return f"{gettext('Stopping it.')} {director_worker.charged()}"
    return gettext("Stopping it. Nothing is charged for what is not finished.")


def broken(job) -> str:
    if not _was_sent(job):
        return ""
    words = gettext("Something broke on our side while the model answered. What was there stays; ask again.")
    return f"{words} {director_worker.charged()}"


def bill(job) -> tuple[int, str]:
    return 0, director_worker.charged() if _was_sent(job) else gettext("Nothing was charged.")


DIRECTOR = Kind(
    name="director",
    label=_("Director"),
    doing=_("Writing"),
    maker=_maker,
    cost=_cost,
    stopping=stopping,
    broken=broken,
    bill=bill,
    steps={State.RUNNING: director_worker.ask},
    purged=purged,
    stays_in=frozenset({State.RUNNING}),
    is_retryable=False,
)
