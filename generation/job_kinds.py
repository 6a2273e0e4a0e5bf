"""How clips follow their jobs: the hooks that jobs call, and how guests' clips move or vanish."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from PIL import Image

from accounts.guest_transfer import quietly
from generation.media import ffmpeg
from generation.media.storage import remove
from generation.models import Clip, Picture, Video
from generation.providers.models import Connection
from generation.providers.registry import connectables, makers, providers
from generation.providers.remote import Billing, Recovery
from generation.services import retry as clip_retry
from generation.services.video_uploads import KIND, forget
from generation.signals import clip_ended, clip_restored
from generation.worker import (
    answer_journal,
    authorization,
    clip_sources,
    late_answers,
    late_results,
    queueing,
    tombstones,
)
from generation.worker.download import fetch
from generation.worker.files import remove_files
from generation.worker.ingest import develop, kept_plainly
from generation.worker.no_answer_messages import before_the_last, unasked_words
from generation.worker.poll import poll
from generation.worker.reconcile_step import find, look_again
from generation.worker.render import draw
from generation.worker.submission import charge, errand, gather, money_words
from generation.worker.submit import ask
from generation.worker.validate_upload import check
from jobs.lifecycle.lease import StepFailed
from jobs.models import Attempt, Job, State
from jobs.recovery import released_words
from jobs.registry import Kind, Silence
from jobs.services import JobRefused, nothing_left


def ended(job):
    clip_ended.send(sender=Clip, job=job)


def retried(old, new):
    """Nobody spends from somebody else's account by trying again what they asked for, nor for a retired model, nor with
    what they may not see any more; nor on a second film where the one that was given up is there after all."""
    late_results.check_lost(old, payee(old))
    clip = Clip.objects.filter(job=old).select_related("workspace", "connection", "created_by").first()
    if clip is None:
        raise nothing_left()
    clip_retry.check(clip)
    clip_sources.check_again(clip, new.created_by)
    authorization.check_engine(clip.provider)
    authorization.check_age(clip.provider, clip.model, clip.workspace)
    account = authorization.account_again(clip, new.created_by)
    Clip.objects.filter(pk=clip.pk).update(job=new, connection=account)


def triable(jobs):
    """A clip's older job makes nothing: a newer one took its place, or the clip is gone for good. What was given up
    and turned up is there or on its way, and in the place of some there is another clip."""
    rows = Clip.objects.filter(job__in=jobs, has_lost_start=False).exclude(job__in=late_results.found_of(jobs))
    found = dict(rows.exclude(job__in=late_results.coming_of(jobs)).values_list("pk", "job_id"))
    past = clip_retry.outdone(list(found))
    return [job for clip, job in found.items() if clip not in past]


def asked_anew(job, by):
    """Nobody pays for a second one while the first is known to be there."""
    if _is_heard_of(job):
        raise JobRefused(late_results.IS_THERE % {"provider": payee(job)})
    if clip := Clip.objects.filter(job=job).select_related("connection", "workspace").first():
        authorization.check_anew(clip, by)


def released(job):
    """Nobody has for nothing what is known to be there, and comes by itself."""
    if _is_heard_of(job):
        words = _("%(provider)s has said meanwhile that it has this. It is looked after, and nothing is given back.")
        raise JobRefused(words % {"provider": payee(job)})


def _is_heard_of(job) -> bool:
    """Whether its provider has told of it; one that is not installed any more brings nothing, whatever it told."""
    live = Attempt.objects.filter(job=job, outcome__in=Attempt.LIVE).first()
    return bool(live and live.provider in providers() and late_answers.told(live))


def deleted(job):
    Clip.objects.filter(job=job).update(deleted_at=Now())


def restored(job):
    if clip := Clip.objects.filter(job=job).exclude(deleted_at=None).first():
        Clip.objects.filter(pk=clip.pk).update(deleted_at=None)
        clip_restored.send(sender=Clip, clip=clip)


def purged(job):
    """The clip goes before the job it points at, its files before the clip; that a task is somebody's stays known."""
    tombstones.remember(job)
    if clip := Clip.objects.filter(job=job).first():
        remove_files(clip)
        clip.delete()


def maker(job):
    """The model by its own label; as the job calls it when this install does not have it any more."""
    engine = makers().get(job.provider)
    try:
        return engine.capability(job.model).label if engine and job.model else job.model or job.provider
    except KeyError:
        return job.model


def payee(job):
    """The provider, not its model: that is where the account is."""
    engine = providers().get(job.provider)
    return engine.label if engine else job.provider


def cost_elsewhere(job):
    """Nothing is called free or not charged that a provider may bill all the same."""
    engine = providers().get(job.provider)
    billing = engine.manners.billing if engine and not engine.is_local else Billing.UNDECLARED
    if billing == Billing.FREE:
        return ""
    if not job.price_reserved:
        return _unpriced(job, engine)
    is_held = job.is_active and not job.was_reopened
    is_sure = is_held or job.price_charged or (billing == Billing.SUCCESS and not (job.is_good or job.was_reopened))
    return "" if is_sure else _("nothing booked here")


def _unpriced(job, engine):
    """Nothing was kept aside: it costs nothing, or nobody knows what it costs."""
    if late_results.is_gift(job):  # free here; an account of one's own was charged where its film was asked for
        is_site = Connection.objects.filter(clips__job=job, owner=None, workspace=None).exists()
        return "" if is_site else _("nothing booked here")
    try:
        is_free = bool(engine) and engine.capability(job.model).is_free
    except KeyError:  # not offered any more
        is_free = False
    return "" if is_free else _("price not known")


def bill_elsewhere(job):
    """By the provider's rule; a submission of unknown outcome is given up, and its film free if it turns up."""
    if job.provider not in providers():
        return 0, unasked_words(job)
    try:
        trip = errand(job)
    except StepFailed as gone:
        return 0, gone.words
    if trip.attempt is None:
        return 0, money_words(trip, was_accepted=False)
    if trip.attempt.outcome != Attempt.Outcome.ACCEPTED:
        return 0, released_words(job)
    facts = {"was_accepted": True, "was_made": True if trip.attempt.output else None}
    return charge(trip, **facts), money_words(trip, **facts)


def silence(job):
    """Who may still tell of a submission that was never answered. Callbacks come only where they were asked for."""
    engine = providers().get(job.provider)
    account = Connection.objects.filter(clips__job=job).first()
    recovery = engine.manners_of(job.model).recovery if engine and not engine.is_local else Recovery.NONE
    if recovery == Recovery.WEBHOOK:
        sent = job.attempts.order_by("-n").first()
        news = "called" if account and late_answers.may_be_called(sent, engine, account) else "none"
    else:
        news = "none" if recovery == Recovery.NONE else "asked"
    is_free = bool(engine) and not engine.is_local and engine.manners.billing == Billing.FREE
    is_site = account is not None and account.scope == "site"
    return Silence(news, is_site=is_site, is_free=is_free, earlier=before_the_last(job))


def ended_elsewhere(job):
    """An account has room again: the next in line need not wait."""
    ended(job)
    account = Attempt.objects.filter(job=job).order_by("-n").values_list("account", flat=True).first()
    if account:
        queueing.wake(account)


def warm():
    """All engines, and what reads pictures and films."""
    connectables()
    makers()
    Image.init()
    ffmpeg.binary()


_HOOKS = {
    "retried": retried, "triable": triable, "deleted": deleted, "restored": restored, "purged": purged, "maker": maker,
    "foresee": clip_retry.foresee, "price": clip_retry.price, "warm": warm,
}  # fmt: skip
CLIP = Kind("clip", _("Clip"), {State.RUNNING: draw, State.STORED: develop}, ended=ended, **_HOOKS)
ELSEWHERE = Kind(
    "clip_elsewhere",
    _("Clip"),
    {
        State.QUEUED: ask,
        State.SUBMITTING: find,
        State.UNKNOWN: look_again,
        State.RUNNING: poll,
        State.FETCHING: fetch,
        State.STORED: develop,
    },
    ended=ended_elsewhere,
    payee=payee,
    cost=cost_elsewhere,
    kept=kept_plainly,
    bill=bill_elsewhere,
    gather=gather,
    recall=answer_journal.recall,
    asked_anew=asked_anew,
    released=released,
    silence=silence,
    again=clip_retry.terms,
    asks_in=frozenset({State.QUEUED, State.SUBMITTING, State.UNKNOWN}),
    stays_in=frozenset({State.FETCHING}),
    is_local=False,
    **_HOOKS,
)


def checked(job):
    """A video that did not pass, or was stopped, leaves nothing in the store; its row says why until it is swept up."""
    if not job.is_good and (video := Video.objects.filter(job=job).first()):
        for key in video.places():
            remove(key)
        Video.objects.filter(pk=video.pk).update(bytes=0)


VIDEO = Kind(KIND, _("Video"), {State.RUNNING: check}, doing=_("Checking"), ended=checked, is_retryable=False)


def adopt(guest, workspace, user):
    """A guest signed up: what they made is theirs."""
    Clip.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)
    Picture.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)


_picture_users = []


def keep_pictures(used):
    """A floor above uses pictures too: ``used()`` gives a query of their ids."""
    if used not in _picture_users:
        _picture_users.append(used)


def drop_stray_pictures():
    """Remove pictures that no clip starts from, ends on or refers to, and that nobody used for two days."""
    old = Now() - timedelta(days=2)
    strays = Picture.objects.filter(clips=None, clips_ending=None, references=None, created_at__lt=old)
    for used in _picture_users:
        strays = strays.exclude(pk__in=used())
    for picture in strays[:200]:
        remove(picture.key)
        picture.delete()


def drop_stray_videos():
    """Remove videos that no clip was drawn from and that are two days old, and those that did not pass."""
    strays = Video.objects.filter(clips=None, created_at__lt=Now() - timedelta(days=2)).exclude(
        job__in=Job.objects.active()
    )
    for video in strays[:100]:
        forget(video)


def bought_with(user):
    """Clips for others that are being made through this person's own accounts: paid, perhaps, and not to be lost."""
    accounts = Connection.objects.filter(owner=user).values("pk")
    live = Attempt.objects.filter(account__in=accounts, outcome__in=Attempt.LIVE).values("job_id")
    return Job.objects.active().exclude(state=State.STUCK).filter(pk__in=live)


def empty(workspace, got_on=quietly):
    """Destroy all clips, pictures and videos of a workspace; may be repeated after it failed halfway."""
    for clip in Clip.objects.filter(workspace=workspace):
        remove_files(clip)
        clip.delete()
        got_on()
    for picture in Picture.objects.filter(workspace=workspace):
        remove(picture.key)
        picture.delete()
        got_on()
    for video in Video.objects.filter(workspace=workspace):
        forget(video)
        got_on()
