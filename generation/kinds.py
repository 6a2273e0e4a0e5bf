"""How clips follow their jobs: the hooks that jobs call, and how guests' clips move or vanish."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation import steps
from generation.models import Clip, Picture
from generation.providers.registry import providers
from generation.signals import clip_ended
from generation.storage import remove
from jobs.kinds import Kind
from jobs.models import State


def ended(job):
    clip_ended.send(sender=Clip, job=job)


def retried(old, new):
    Clip.objects.filter(job=old).update(job=new)


def deleted(job):
    Clip.objects.filter(job=job).update(deleted_at=Now())


def restored(job):
    Clip.objects.filter(job=job).update(deleted_at=None)


def purged(job):
    """The clip goes before the job it points at, its files before the clip."""
    if clip := Clip.objects.filter(job=job).first():
        steps.remove_files(clip)
        clip.delete()


def maker(job):
    """The model by its own label; as the job calls it when this install does not have it any more."""
    engine = providers().get(job.provider)
    models = {each.model: each.label for each in engine.capabilities()} if engine else {}
    return models.get(job.model) or job.model or job.provider


CLIP = Kind(
    name="clip",
    label=_("Clip"),
    maker=maker,
    steps={State.RUNNING: steps.draw, State.STORED: steps.develop},
    ended=ended,
    retried=retried,
    deleted=deleted,
    restored=restored,
    purged=purged,
)


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
    """Remove pictures that no clip starts from and that nobody used for two days."""
    old = Now() - timedelta(days=2)
    strays = Picture.objects.filter(clips=None, created_at__lt=old)
    for used in _picture_users:
        strays = strays.exclude(pk__in=used())
    for picture in strays[:200]:
        remove(picture.key)
        picture.delete()


def empty(workspace):
    """Destroy all clips and pictures of a workspace; may be repeated after it failed halfway."""
    for clip in Clip.objects.filter(workspace=workspace):
        steps.remove_files(clip)
        clip.delete()
    for picture in Picture.objects.filter(workspace=workspace):
        remove(picture.key)
        picture.delete()
