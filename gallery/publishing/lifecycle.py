"""What happens to a work when the clip, film or story template that it shows is deleted for good.

A clip or film in the trash needs nothing here: WorkQuerySet.available leaves its work out until it is restored.
"""

from django.db.models.signals import pre_delete

from common import secrets
from gallery.models import PlaylistEntry, StoryTemplate, Work, WorkTag
from generation.models import Clip
from studio.models import Film


def empty_works(works) -> None:
    """Keep title, author and lineage of works that remixes may credit, and delete everything else about them."""
    WorkTag.objects.filter(work__in=works).delete()
    works.update(description="", prompt="", shows_prompt=False, credits={}, share_digest="", share_secret="")


def _empty_work(sender, instance, **more) -> None:
    field = {Clip: "clip", Film: "film", StoryTemplate: "template"}[sender]
    works = Work.objects.filter(**{field: instance.pk})
    works.filter(visibility=Work.Visibility.UNLISTED).update(visibility=Work.Visibility.PRIVATE)
    works.filter(visibility=Work.Visibility.PRIVATE, remix_count=0).delete()
    empty_works(works)


def connect() -> None:
    for sender in (Clip, Film, StoryTemplate):
        pre_delete.connect(_empty_work, sender=sender, dispatch_uid="gallery.publishing")


def reencrypt_links() -> tuple[int, list]:
    """Encrypt the links of works with the first of CONNECTION_KEYS. Links that no key decrypts are renewed."""
    count = 0
    for work in Work.objects.exclude(share_secret="").only("share_secret", "share_digest").iterator():
        old_digest = work.share_digest
        try:
            token = work.share_token
        except secrets.DecryptionError:
            work.renew_share_token()
        else:
            work.set_share_token(token)
            PlaylistEntry.objects.filter(work=work, share_digest=old_digest).update(share_digest=work.share_digest)
        work.save(update_fields=["share_digest", "share_secret"])
        count += 1
    return count, []
