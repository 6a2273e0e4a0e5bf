"""How films and music follow their jobs."""

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.media import storage
from jobs.models import State
from jobs.registry import Kind
from jobs.services import nothing_left
from studio.films import worker as steps
from studio.models import Film, Music

NOTHING_STORED = {"key": "", "sha256": "", "bytes": 0, "ready_at": None}
NOTHING_READ = {"key": "", "bed_sha256": "", "seconds": 0, "ready_at": None}


def ended(job) -> None:
    """A film that was not made leaves nothing in the store; its row stays, and says what it was to be."""
    film = None if job.is_good else Film.objects.filter(job=job).first()
    if film:
        steps.remove_files(film)
        Film.objects.filter(pk=film.pk).update(**NOTHING_STORED)


def retried(old, new) -> None:
    if not Film.objects.filter(job=old).update(job=new):
        raise nothing_left()


def triable(jobs):
    """A film's older job makes nothing: a newer one took its place, or the film is gone for good."""
    return Film.objects.filter(job__in=jobs).values_list("job_id", flat=True)


def deleted(job) -> None:
    Film.objects.filter(job=job).update(deleted_at=Now())


def restored(job) -> None:
    Film.objects.filter(job=job).update(deleted_at=None)


def purged(job) -> None:
    """The film goes before the job it points at, its files before the film."""
    if film := Film.objects.filter(job=job).first():
        steps.remove_files(film)
        film.delete()


def music_ended(job) -> None:
    """Music that could not be read, or was stopped at its last step, leaves nothing in the store; its row says why
    until it is swept up."""
    if not job.is_good and (music := Music.objects.filter(job=job).first()):
        for key in music.places():
            storage.remove(key)
        Music.objects.filter(pk=music.pk).update(**NOTHING_READ)


def _studio(job):
    return _("the studio")


FILM = Kind(
    name="film",
    label=_("Film"),
    doing=_("Joining"),
    maker=_studio,
    steps={State.RUNNING: steps.make, State.STORED: steps.publish},
    ended=ended,
    retried=retried,
    triable=triable,
    deleted=deleted,
    restored=restored,
    purged=purged,
)
MUSIC = Kind(
    name="music",
    label=_("Music"),
    doing=_("Reading"),
    maker=_studio,
    steps={State.RUNNING: steps.read_music},
    ended=music_ended,
    is_retryable=False,
)
