"""Show a job: its state, owner, money and history. End it, or try it again.

Both use the services of the pages. A job whose outcome at the provider is unknown is not sent again from here: look at
the provider's own list first, then decide on the page Operator › Jobs.
"""

from collections.abc import Iterator

from django.core.management.base import CommandError

from accounts.billing.money import money
from accounts.billing.refusals import BillingRefusal
from common.database.transitions import IllegalTransition
from common.operator_command import OperatorCommand
from jobs import events, services
from jobs.models import Job, State
from jobs.views import decisions
from jobs.views.decisions import Decision

SHORTEST_ID = 4  # characters of an id that is given by its beginning


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("id", help="id of the job, or its beginning, as pages and log lines show it")
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--end", action="store_true", help="cancel it or give it up; what is not billed goes back")
        choice.add_argument("--retry", action="store_true", help="continue a stalled job, or start an ended one again")

    def handle(self, *, id, end, retry, **options):
        job = find_job(id)
        if end or retry:
            decision = choose_end(job) if end else choose_retry(job)
            try:
                decisions.carry_out(decision, job, by=None)
            except (services.JobRefused, BillingRefusal, IllegalTransition) as error:
                raise CommandError(str(getattr(error, "to_operators", error))) from error
            job = find_job(str(job.pk))
        for line in describe(job):
            self.stdout.write(line)


def find_job(beginning: str) -> Job:
    """Return the job whose id begins like this. Raises CommandError if there is none, or several."""
    text = beginning.replace("-", "").lower()
    if len(text) < SHORTEST_ID or not text.isalnum():
        raise CommandError(f"Give at least {SHORTEST_ID} characters of the id of a job.")
    ids = [pk for pk in Job.objects.values_list("pk", flat=True).iterator() if pk.hex.startswith(text)]
    if len(ids) != 1:
        raise CommandError(f"{len(ids) or 'No'} jobs have an id that begins with {beginning}.")
    return Job.objects.select_related("workspace", "created_by").get(pk=ids[0])


def choose_end(job: Job) -> Decision:
    """Return how an operator can end the job now. Raises CommandError if it has ended."""
    if final := [decision for decision in decisions.list_decisions(job) if decision.is_final]:
        return final[0]
    if not job.is_active:
        raise CommandError(f"{decisions.describe(job)} has ended already. Nothing was changed.")
    return decisions.CANCEL


def choose_retry(job: Job) -> Decision:
    """Return how the job can be tried again without being bought twice. Raises CommandError."""
    if job.state == State.UNKNOWN:
        raise CommandError(
            f"{decisions.describe(job)}: the provider may have accepted it, so that it would be bought twice. "
            "Look at the provider's own list, then decide at Operator › Jobs. Nothing was sent."
        )
    if possible := [decision for decision in decisions.list_decisions(job) if not decision.is_final]:
        return possible[0]
    if job.is_active:
        raise CommandError(f"{decisions.describe(job)} is being worked on. Nothing was changed.")
    return decisions.RETRY


def describe(job: Job) -> Iterator[str]:
    """Yield lines about the job, without what its user wrote."""
    yield f"{decisions.describe(job)}, id {job.pk}"
    owner = f", requested by {job.created_by.email}" if job.created_by else ""
    yield f"  workspace: {job.workspace.name} ({job.workspace_id}){owner}"
    yield f"  requested: {job.created_at:%Y-%m-%d %H:%M:%S}, in this state since {job.state_since:%Y-%m-%d %H:%M:%S}"
    if job.provider:
        yield f"  provider: {job.provider} {job.model}"
    yield f"  money: {describe_money(job)}"
    if message := job.error_public or job.progress_note:
        yield f"  message: {message}"
    for attempt in job.attempts.order_by("n"):
        task = attempt.provider_task_id or "no number"
        yield f"  attempt {attempt.n}: {attempt.get_outcome_display()}, {attempt.intent_at:%Y-%m-%d %H:%M:%S}, {task}"
    yield "  history:"
    for line in events.list_history(job):
        by = f" · {line.actor}" if line.actor else ""
        yield f"    {line.at:%Y-%m-%d %H:%M:%S}  {line.text}{by}{f' · {line.amount}' if line.amount else ''}"


def describe_money(job: Job) -> str:
    """Return what is on hold, or was charged, and who pays the provider."""
    if job.is_paid_by_user:
        return f"{money(job.price_reserved, job.currency)}, billed by the provider to the user's own account"
    if not job.price_reserved:
        return "free"
    if job.is_active and not job.was_reopened:
        return f"{money(job.price_reserved, job.currency)} on hold"
    charged, refunded = job.price_charged, job.price_reserved - job.price_charged
    return f"{money(charged, job.currency)} charged, {money(refunded, job.currency)} refunded"
