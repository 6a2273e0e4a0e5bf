"""Mark clips whose source is deleted for good: a retry would be made, and paid, from the prompt alone."""

from django.db.models import Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from generation.models.clip import Clip
from generation.models.picture import Picture
from generation.models.video import Video


@receiver(pre_delete, sender=Clip, dispatch_uid="generation.deleted_sources.clip")
@receiver(pre_delete, sender=Picture, dispatch_uid="generation.deleted_sources.picture")
@receiver(pre_delete, sender=Video, dispatch_uid="generation.deleted_sources.video")
def mark_missing_source(sender, instance, **more) -> None:
    """Mark the clips that start from a clip, picture or video that is about to be deleted."""
    Clip.objects.filter(_starts_from(instance), has_missing_source=False).update(has_missing_source=True)


def _starts_from(row) -> Q:
    if isinstance(row, Clip):
        return Q(continues=row) | Q(effects_source=row)
    if isinstance(row, Picture):
        return Q(picture=row) | Q(last_picture=row) | Q(pk__in=row.references.values("clip"))
    return Q(video=row)
