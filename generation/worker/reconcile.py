"""Submissions whose answer never came: which of them are looked for, and whose is what a provider's list shows.

A list knows words, times and sometimes a seed, and nothing of people. Where one account serves many, a task that was
made for one of them may look like another's: then nobody gets it by the list, since a film is for who asked for it.
"""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now

from generation.clip_spec import clip_request
from generation.models import Clip, GoneTask
from generation.providers.awaited_attempts import SEARCH_PERIOD
from generation.providers.base import ClipRequest
from generation.providers.models import Connection
from generation.providers.prompt import composed
from generation.providers.remote import Account, Lost, Recovery, RemoteProvider, Search, Submitted
from generation.worker import late_answers
from generation.worker.submission import SENT_SECONDS
from jobs.models import Attempt

MARK = "x-"  # before the number of the attempt whose film it is
MARKED = Concat(Value(MARK), Cast(OuterRef("pk"), CharField()))
ASKED_AFTER = 8  # more that look alike are not told apart: each costs a request
WISH = (
    "workspace_id", "created_by_id", "negative_prompt", "style", "ratio", "resolution", "seconds", "options",
    "picture_id", "last_picture_id", "video_id", "continues_id", "lays_over_id",
)  # fmt: skip


def given_up():
    """Attempts that were given up and whose film nobody got so far."""
    rows = Attempt.objects.filter(outcome=Attempt.Outcome.ABANDONED).select_related("job")
    return rows.exclude(Exists(Attempt.objects.filter(client_ref=MARKED)))


def look(engine: RemoteProvider, account: Account, attempt: Attempt, clip: Clip, asked: ClipRequest):
    """One look for it at the provider. UNDECIDED also where what is seen may have been made for somebody else."""
    recovery = engine.manners_of(clip.model).recovery
    if recovery not in (Recovery.OWN_ID, Recovery.LIST):
        return Search.UNDECIDED
    found = engine.find(account, _lost(attempt, asked))
    if recovery != Recovery.LIST or not isinstance(found, Submitted):
        return found
    return Search.UNDECIDED if _may_be_anothers(engine, account, attempt, clip, found) else found


def _lost(attempt: Attempt, asked: ClipRequest) -> Lost:
    return Lost(attempt.client_ref, attempt.intent_at, asked, attempt.handle, partial(late_answers.is_taken, attempt))


def _may_be_anothers(engine, account: Account, attempt: Attempt, clip: Clip, found: Submitted) -> bool:
    """What another job has just sent the same words for may have its own answer on its way: a little later that is
    known. Of those without an answer each is looked for as well: the list may show it something else, or this very one.

    Wishes of one person that differ in nothing are not told apart: either may have the film.
    """
    if _may_be_of_the_gone(attempt, clip):
        return True
    rivals = _rivals(attempt, clip)
    if any(rival.is_young and other.prompt == clip.prompt for rival, other in rivals):
        return True
    strange = [(rival, other) for rival, other in rivals if _wish(other) != _wish(clip)]
    if len(strange) > ASKED_AFTER:
        return True
    return any(_may_be_its(engine, account, rival, other, found) for rival, other in strange)


def _may_be_of_the_gone(attempt: Attempt, clip: Clip) -> bool:
    """Of those whose jobs were destroyed before they were answered nobody knows the words any more."""
    place = late_answers.place(Connection.objects.filter(pk=attempt.account).first())
    rows = GoneTask.objects.filter(provider=attempt.provider).at(place)
    return rows.nameless_near(clip.model, attempt.intent_at).exists()


def _may_be_its(engine, account: Account, rival: Attempt, clip: Clip, found: Submitted) -> bool:
    if told := late_answers.told(rival):
        return told.task_id == found.task_id
    seen = engine.find(account, _lost(rival, composed(clip_request(clip))))
    return seen == Search.UNDECIDED or (isinstance(seen, Submitted) and seen.task_id == found.task_id)


def _rivals(attempt: Attempt, clip: Clip) -> list[tuple[Attempt, Clip]]:
    """Others without an answer through the same account, with their clips: of the same words, or of the same seed,
    which is all that some lists show."""
    outcome = Attempt.Outcome
    young = Q(outcome=outcome.OPEN, intent_at__gt=Now() - timedelta(seconds=SENT_SECONDS * settings.PROVIDER_SECONDS))
    lately = given_up().filter(intent_at__gt=Now() - SEARCH_PERIOD)
    waiting = Q(outcome__in=[outcome.OPEN, outcome.AMBIGUOUS]) | Q(pk__in=lately.values("pk"))
    rows = Attempt.objects.filter(waiting, account=attempt.account, job__model=clip.model).exclude(pk=attempt.pk)
    rows = rows.select_related("job")
    rows = rows.annotate(is_young=ExpressionWrapper(young, BooleanField()))
    named = {rival: rival.job.params.get("clip") for rival in rows}
    alike = Clip.objects.filter(Q(prompt=clip.prompt) | Q(seed=clip.seed))
    clips = {str(each.pk): each for each in alike.filter(pk__in=filter(None, named.values()))}
    for each in clips.values():  # as it was sent then: a retry may have gone elsewhere
        each.provider, each.model = clip.provider, clip.model
    return [(rival, clips[name]) for rival, name in named.items() if name in clips]


def _wish(clip: Clip) -> tuple:
    """Who asked, and for what; the seed is chance, and takes of one request differ in it alone."""
    pictures = list(clip.references.values_list("picture_id", flat=True))
    return (*(getattr(clip, name) for name in WISH), pictures)
