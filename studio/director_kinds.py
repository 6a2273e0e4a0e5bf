"""A director's question as a kind of job."""

from django.utils.translation import gettext_lazy as _

from jobs.kinds import Kind
from jobs.models import State
from studio import director_steps
from studio.models import Direction


def purged(job) -> None:
    Direction.objects.filter(job=job).update(job=None)


def _maker(job):
    return _("a language model")


DIRECTOR = Kind(
    name="director",
    label=_("Director"),
    doing=_("Writing"),
    maker=_maker,
    steps={State.RUNNING: director_steps.ask},
    purged=purged,
    stays_in=frozenset({State.RUNNING}),
    is_retryable=False,
)
