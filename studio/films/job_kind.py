"""The job kind that makes films."""

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.billing.refusals import BillingRefusal
from generation.media import storage
from jobs.errors import JobRefused, TooManyJobs
from jobs.lifecycle.lease import StepFailed
from jobs.models import State
from jobs.registry import StudioJobKind
from jobs.services import work_deleted_error
from studio.films import worker
from studio.films.services import NoFilm, request_film
from studio.models import Film, Run

NO_FILE = {"key": "", "sha256": "", "bytes": 0, "ready_at": None}


def request_film_of_run(run: Run) -> bool:
    """Request the film of a run that has drawn all of its scenes. Returns False if that has to wait. Raises StepFailed.

    A repeated step finds the film that was requested before.
    """
    try:
        film = request_film(story=run.story, by=run.job.created_by, idem_key=f"film-run-{run.pk.hex}")
    except TooManyJobs:
        return False
    except NoFilm as refusal:
        if all(problem.remedy == "wait" for problem in refusal.problems):
            return False
        raise StepFailed("no_film", refusal.message) from refusal
    except (JobRefused, BillingRefusal) as refusal:
        raise StepFailed("no_film", refusal.message) from refusal
    Run.objects.filter(pk=run.pk).update(film=film)
    return True


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
            storage.delete_after_commit(film.get_storage_keys())
            Film.objects.filter(pk=film.pk).update(**NO_FILE)

    def on_retry(self, old, new) -> None:
        if not Film.objects.filter(job=old).update(job=new):
            raise work_deleted_error()

    def on_delete(self, job) -> None:
        Film.objects.filter(job=job).update(deleted_at=Now())

    def on_restore(self, job) -> None:
        Film.objects.filter(job=job).update(deleted_at=None)

    def on_purge(self, job) -> None:
        """Delete the film of a job that is being purged, and its files once no transaction waits for them."""
        if film := Film.objects.filter(job=job).first():
            storage.delete_after_commit(film.get_storage_keys())
            film.delete()
