"""What a clip was to begin with may be removed for good before it is asked for, or asked for again: the columns that
pointed there are empty then, and it would be made from its words alone, and paid. So it is written down."""

from django.db.models import Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from generation.models.clip import Clip
from generation.models.picture import Picture
from generation.models.video import Video


@receiver(pre_delete, sender=Clip, dispatch_uid="generation.beginnings.clip")
@receiver(pre_delete, sender=Picture, dispatch_uid="generation.beginnings.picture")
@receiver(pre_delete, sender=Video, dispatch_uid="generation.beginnings.video")
def goes(sender, instance, **more) -> None:
    """Just before a clip, picture or video is removed: what was to begin with it keeps in mind that it has lost it."""
    Clip.objects.filter(_begins_with(instance), has_missing_source=False).update(has_missing_source=True)


def _begins_with(row) -> Q:
    if isinstance(row, Clip):
        return Q(continues=row) | Q(effects_source=row)
    if isinstance(row, Picture):
        return Q(picture=row) | Q(last_picture=row) | Q(pk__in=row.references.values("clip"))
    return Q(video=row)
