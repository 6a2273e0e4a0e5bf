"""Trying a clip again that came to nothing: through whose account it would go, and at what price, said beforehand."""

from django.utils.translation import gettext as _

from generation import extras
from generation.asking import clip_request
from generation.engines import Offer
from generation.models import Clip
from generation.pricing import cost_of
from generation.providers.registry import makers
from generation.steps import rights
from jobs import kinds
from jobs.kinds import Again
from jobs.refusals import JobRefused
from jobs.tries import button


def terms(job, by) -> Again:
    """For the person who looks: they may have an account of their own that is nearer than the one it went through."""
    clip = Clip.objects.filter(job=job).select_related("workspace", "created_by").first()
    engine = makers().get(clip.provider) if clip else None
    if engine is None or engine.is_local:
        return Again()
    try:
        account = rights.account_again(clip, by)
    except JobRefused:
        return Again()
    if clip.model and not engine.offers(clip.model, clip.workspace):
        return Again(str(account.pk))
    cost = cost_of(Offer(engine, (account,), account), clip_request(clip), 1)
    return Again(str(account.pk), str(cost["price"]), cost["note"])


_outdone = []


def ask_first(find) -> None:
    """A floor above knows what was made anew another way: ``find(clips)`` gives words by the id of the clip, for those
    that nobody wants to pay for any more."""
    if find not in _outdone:
        _outdone.append(find)


def outdone(clips) -> dict:
    """Words by the id of the clip, for those of ``clips`` (rows or ids) in whose place there is another by now."""
    found: dict = {}
    for find in _outdone if clips else ():
        found |= find(clips)
    return found


def check(clip: Clip) -> None:
    """JobRefused where another was made in its place: an old button in a list says nothing of that one."""
    if words := outdone([clip.pk]).get(clip.pk):
        raise JobRefused(f"{words} {_('Nothing was started.')}")


def needless(clips) -> dict:
    """Words by the id of the clip, for those whose job nobody tries again: another is in its place, or the film that
    was given up turned up."""
    there = set(extras.found_of([clip.job_id for clip in clips])) if clips else ()
    found = {clip.pk: extras.found_words(kinds.payee(clip.job)) for clip in clips if clip.job_id in there}
    return outdone([clip.pk for clip in clips]) | found


def with_button(clips, by):
    """The clips, each whose job may be tried again with what its button says to this person (``job.again``), or why
    there is none (``outdone``)."""
    bad = [clip for clip in clips if clip.job.is_retryable and not clip.has_lost_start]
    past = needless(bad)
    for clip in bad:
        if words := past.get(clip.pk):
            clip.outdone = words
        else:
            clip.job.again = button(clip.job, by)
    return clips
