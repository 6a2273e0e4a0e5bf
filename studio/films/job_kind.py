"""Job kinds that make films and decode music."""

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.media import storage
from jobs.models import State
from jobs.registry import StudioJobKind
from jobs.services import work_deleted_error
from studio.films import worker
from studio.models import Film, Music

NO_FILE = {"key": "", "sha256": "", "bytes": 0, "ready_at": None}
NO_MUSIC_FILE = {"key": "", "bed_sha256": "", "seconds": 0, "ready_at": None}


class FilmKind(StudioJobKind):
    """The job that merges the scenes of a story into a film."""

    name = "film"
    label = _("Film")
    running_label = _("Merging")
    steps = {State.RUNNING: worker.make_film, State.STORED: worker.publish_film}

    def retryable_ids(self, jobs) -> set:
        """Return the ids of jobs that still belong to a film; older jobs of a retried film, and of deleted films, do
        not.
        """
        return set(Film.objects.filter(job__in=jobs).values_list("job_id", flat=True))

    def on_end(self, job) -> None:
        """Remove the files of a film that failed. Its row is kept for a retry."""
        film = None if job.is_good else Film.objects.filter(job=job).first()
        if film:
            worker.remove_film_files(film)
            Film.objects.filter(pk=film.pk).update(**NO_FILE)

    def on_retry(self, old, new) -> None:
        if not Film.objects.filter(job=old).update(job=new):
            raise work_deleted_error()

    def on_delete(self, job) -> None:
        Film.objects.filter(job=job).update(deleted_at=Now())

    def on_restore(self, job) -> None:
        Film.objects.filter(job=job).update(deleted_at=None)

    def on_purge(self, job) -> None:
        """Delete the film of a job that is being purged, after the film's files."""
        if film := Film.objects.filter(job=job).first():
            worker.remove_film_files(film)
            film.delete()


class MusicKind(StudioJobKind):
    """The job that decodes an uploaded music track."""

    name = "music"
    label = _("Music")
    running_label = _("Reading")
    steps = {State.RUNNING: worker.read_music}
    is_retryable = False
    is_system = True

    def on_end(self, job) -> None:
        """Remove the files of unreadable music. Its row is kept for a day, to show the reason."""
        if not job.is_good and (music := Music.objects.filter(job=job).first()):
            for key in music.get_storage_keys():
                storage.delete(key)
            Music.objects.filter(pk=music.pk).update(**NO_MUSIC_FILE)
