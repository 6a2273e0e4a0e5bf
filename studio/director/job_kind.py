"""The job kind of the director."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.messages import build_message, join_messages
from generation.worker.language import charge_message
from jobs.models import State
from jobs.registry import JobKind
from studio.director import worker as director_worker
from studio.models import Direction


class DirectorKind(JobKind):
    """The job that sends one request to a language model."""

    name = "director"
    label = _("Director")
    running_label = _("Writing")
    steps = {State.RUNNING: director_worker.request_response, State.STORED: director_worker.finish_step}
    long_wait_states = frozenset({State.RUNNING})
    is_retryable = False
    may_buy = True

    def model_label(self, job) -> str:
        return gettext("a language model")

    def cost_label(self, job) -> str:
        return gettext("no charge recorded here")

    def stopping_message(self, job) -> str:
        if _was_sent(job):
            return f"{gettext('Cancelling.')} {charge_message()}"
        return gettext("Cancelling. Nothing is charged for unfinished work.")

    def broken_message(self, job) -> str:
        if not _was_sent(job):
            return ""
        return join_messages(build_message("model_broken"), charge_message())

    def bill(self, job) -> tuple[int, str]:
        return 0, charge_message() if _was_sent(job) else build_message("not_charged")

    def on_purge(self, job) -> None:
        Direction.objects.filter(job=job).update(job=None)


def _was_sent(job) -> bool:
    return Direction.objects.filter(job=job, sent_at__isnull=False).exists()
