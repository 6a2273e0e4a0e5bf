"""What was heard of a submission that got no answer: named by a late answer, or by a callback with our reference."""

from generation.models import WebhookEvent
from generation.providers.reading import is_id
from generation.providers.remote import Submitted
from jobs.models import Attempt


def told(attempt: Attempt) -> Submitted | None:
    """By an answer that the database missed, or by the first task that a callback named for our reference and that is
    not another job's: some callbacks are unsigned. Nobody is asked."""
    if attempt.heard:
        return Submitted(**attempt.heard)
    named = WebhookEvent.objects.tasks_of(attempt)
    task_id = next((each for each in named if is_id(each) and not is_taken(attempt, each)), None)
    return Submitted(task_id, attempt.handle | {"id": task_id}) if task_id else None


def is_taken(attempt: Attempt, task_id: str) -> bool:
    """Whether that task of the provider is known as another submission's."""
    others = Attempt.objects.filter(provider=attempt.provider, provider_task_id=task_id)
    return others.exclude(pk=attempt.pk).exists()
