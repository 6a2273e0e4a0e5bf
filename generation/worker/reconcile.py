"""Submissions whose answer never came: which of them are looked for, and whose is what a provider's list shows.

A list knows words, times and sometimes a seed, and nothing of people. Where one account serves many, a task that was
made for one of them may look like another's: then nobody gets it by the list, since a film is for who asked for it.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now

from generation.clip_spec import ClipSpec
from generation.models import Clip, GoneTask
from generation.providers.awaited_attempts import SEARCH_PERIOD
from generation.providers.base import ClipRequest
from generation.providers.models import Connection
from generation.providers.remote import Account, Lost, Recovery, RemoteProvider, Search, Submitted
from generation.worker import late_answers
from generation.worker.submission import LEASE_REQUESTS
from jobs.models import Attempt

MARK = "x-"  # before the number of the attempt whose film it is
MARKED = Concat(Value(MARK), Cast(OuterRef("pk"), CharField()))


def given_up():
    """Attempts that were given up and whose film nobody got so far."""
    rows = Attempt.objects.filter(outcome=Attempt.Outcome.ABANDONED).select_related("job")
    return rows.exclude(Exists(Attempt.objects.filter(client_ref=MARKED)))


def look(engine: RemoteProvider, account: Account, attempt: Attempt, clip: Clip, asked: ClipRequest):
    """Search the provider once. Returns UNDECIDED if another job could own the match."""
    recovery = engine.traits_of(clip.model).recovery
    if recovery not in (Recovery.OWN_ID, Recovery.LIST):
        return Search.UNDECIDED
    lost = Lost(attempt.client_ref, attempt.intent_at, asked, attempt.handle, partial(late_answers.is_taken, attempt))
    found = engine.find(account, lost)
    if recovery == Recovery.LIST and isinstance(found, Submitted) and _is_ambiguous(attempt, clip, found):
        return Search.UNDECIDED
    return found


def _is_ambiguous(attempt: Attempt, clip: Clip, found: Submitted) -> bool:
    """Whether another unanswered submission, or one whose job was destroyed, could own the task."""
    place = late_answers.place(Connection.objects.filter(pk=attempt.account).first())
    destroyed = GoneTask.objects.filter(provider=attempt.provider).at(place)
    if destroyed.nameless_near(clip.model, attempt.intent_at).exists():
        return True
    return any(_could_own(other, other_clip, clip, found) for other, other_clip in _similar_attempts(attempt, clip))


def _could_own(other: Attempt, other_clip: Clip, clip: Clip, found: Submitted) -> bool:
    """Takes of one request by one user are interchangeable, unless the response to the other may still arrive."""
    if named := late_answers.told(other):
        return named.task_id == found.task_id
    may_be_answered = other.is_young and other_clip.prompt == clip.prompt
    return may_be_answered or not _is_same_request(other_clip, clip)


def _is_same_request(one: Clip, two: Clip) -> bool:
    """The prompt or the seed is the same already; a retry may have changed provider and model since."""
    ignored = {"prompt": "", "seed": None, "provider": "", "model": ""}
    specs = [replace(ClipSpec.from_clip(clip), **ignored) for clip in (one, two)]
    users = {(clip.workspace_id, clip.created_by_id) for clip in (one, two)}
    return len(users) == 1 and specs[0].fingerprint() == specs[1].fingerprint()


def _similar_attempts(attempt: Attempt, clip: Clip) -> list[tuple[Attempt, Clip]]:
    """Other unanswered attempts through the connection, with their clips: same prompt, or same seed, since some lists
    show nothing else. ``is_young``: its request may still be open."""
    outcome = Attempt.Outcome
    young = Q(outcome=outcome.OPEN, intent_at__gt=Now() - timedelta(seconds=LEASE_REQUESTS * settings.PROVIDER_SECONDS))
    lately = given_up().filter(intent_at__gt=Now() - SEARCH_PERIOD)
    waiting = Q(outcome__in=[outcome.OPEN, outcome.AMBIGUOUS]) | Q(pk__in=lately.values("pk"))
    rows = Attempt.objects.filter(waiting, account=attempt.account, job__model=clip.model).exclude(pk=attempt.pk)
    rows = rows.select_related("job")
    rows = rows.annotate(is_young=ExpressionWrapper(young, BooleanField()))
    clip_ids = {other: other.job.params.get("clip") for other in rows}
    alike = Clip.objects.filter(Q(prompt=clip.prompt) | Q(seed=clip.seed))
    clips = {str(row.pk): row for row in alike.filter(pk__in=filter(None, clip_ids.values()))}
    return [(other, clips[clip_id]) for other, clip_id in clip_ids.items() if clip_id in clips]
