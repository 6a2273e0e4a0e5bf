"""What a clip was to begin with may be gone for good before it is asked for, or asked for again: the columns that
pointed there are empty then, and it would be made from its words alone, and paid."""

from django.db.models import Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _

from generation.models import Clip, Picture, Video
from generation.steps.unanswered import unspent_words
from jobs.claims import StepFailed
from jobs.services import JobRefused


@receiver(pre_delete, sender=Clip, dispatch_uid="generation.beginnings.clip")
@receiver(pre_delete, sender=Picture, dispatch_uid="generation.beginnings.picture")
@receiver(pre_delete, sender=Video, dispatch_uid="generation.beginnings.video")
def goes(sender, instance, **more) -> None:
    """Just before a clip, picture or video is removed: what was to begin with it keeps in mind that it has lost it."""
    Clip.objects.filter(_begins_with(instance), has_lost_start=False).update(has_lost_start=True)


def _begins_with(row) -> Q:
    if isinstance(row, Clip):
        return Q(continues=row) | Q(lays_over=row)
    if isinstance(row, Picture):
        return Q(picture=row) | Q(last_picture=row) | Q(pk__in=row.references.values("clip"))
    return Q(video=row)


def check(clip: Clip) -> None:
    """JobRefused where a part of what it begins with is gone. After that was read: it may go while it is read."""
    if _is_lost(clip):
        raise JobRefused(f"{_words()} {_('Nothing was started.')}")


def check_now(clip: Clip, job) -> None:
    """StepFailed for the same, just before it is drawn or sent."""
    if _is_lost(clip):
        raise StepFailed("start_lost", f"{_words()} {unspent_words(job)}")


def _is_lost(clip: Clip) -> bool:
    return Clip.objects.filter(pk=clip.pk, has_lost_start=True).exists()


def _words() -> str:
    return _("What this was to begin with is not here any more.")
