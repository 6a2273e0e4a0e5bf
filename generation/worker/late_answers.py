"""What was heard of a submission that got no answer: named by a late answer, or by a callback with our reference."""

from urllib.parse import urlsplit

from generation.models import GoneTask
from generation.providers import registry
from generation.providers.connections.open_connection import account_of, address_of
from generation.providers.errors import RemoteError
from generation.providers.models import Connection, WebhookEvent
from generation.providers.parsing import is_id
from generation.providers.remote import RemoteProvider, Submitted
from jobs.models import Attempt


def told(attempt: Attempt) -> Submitted | None:
    """By an answer that the database missed, or by the first task that a callback named for our reference and that is
    not another job's: some callbacks are unsigned. Nobody is asked."""
    if attempt.heard:
        return Submitted(**attempt.heard)
    named = WebhookEvent.objects.tasks_of(attempt)
    task_id = next((each for each in named if is_id(each) and not is_taken(attempt, each)), None)
    return Submitted(task_id, attempt.handle | {"id": task_id}) if task_id else None


def may_be_called(attempt: Attempt | None, engine: RemoteProvider, connection: Connection) -> bool:
    """Whether a callback can still tell: with the keys of then it was asked for, and with them it is believed."""
    try:
        account = account_of(connection, attempt.key_version if attempt else None)
        return engine.calls_back(account, attempt.handle if attempt else {})
    except RemoteError:  # keys that cannot be opened prove no callback either
        return False


def is_taken(attempt: Attempt, task_id: str) -> bool:
    """Whether that task is known as another submission's, also through another connection: two of them may stand for
    one real account. Elsewhere than at the same address the same id is another task: own servers may only count. What
    it was bought for may have been destroyed since: it is theirs all the same."""
    others = Attempt.objects.filter(provider=attempt.provider, provider_task_id=task_id).exclude(pk=attempt.pk)
    accounts = set(others.values_list("account", flat=True))
    gone = GoneTask.objects.filter(provider=attempt.provider, task_id=task_id)
    if attempt.account in accounts or not (accounts or gone.exists()):
        return bool(accounts)
    known = Connection.objects.in_bulk((accounts | {attempt.account}) - {None})
    ours, theirs = place(known.get(attempt.account)), {place(known.get(each)) for each in accounts}
    if theirs and (ours is None or theirs & {ours, None}):
        return True
    return gone.at(ours).exists()


def place(connection: Connection | None) -> tuple[str, str] | None:
    """Server and path; None where nobody knows any more: it may be the same then, and nobody gets another's film."""
    if connection is None or connection.provider not in registry.providers():
        return None
    parts = urlsplit(address_of(connection))
    return parts.netloc.lower(), parts.path
