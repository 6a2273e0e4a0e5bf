"""A run deleted in any state is hidden at once, ends, and charges only what was requested."""

import pytest

from accounts.billing import ledger
from generation.models import Clip
from jobs import maintenance
from jobs import services as jobs
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.models import Run, Shot, Take
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db
MOMENTS = {  # moment → the failpoint at which the run is deleted, and the scenes requested by then
    "before it starts": ("", 0),
    "when it is claimed": ("jobs.lifecycle.engine after_claim", 0),
    "after the first scene": ("studio.drawing.worker shot_submitted", 1),
    "at the last step": ("jobs.lifecycle.engine before_stored", 3),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_deleted_run_is_hidden_and_requests_nothing_more(mika, create_story, run_jobs, atelier, monkeypatch, moment):
    (failpoint_path, requested), seen = MOMENTS[moment], []
    story = create_story(mika, "a girl on a hill", "a dog on a hill", "a cat on a hill", provider="atelier")
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="coherent", idem_key="k")

    def delete():
        jobs.delete(Job.objects.get(pk=run.job_id), by=mika)
        seen.append(Job.objects.shown().filter(pk=run.job_id).exists())

    def delete_at(name, key):
        if name == point and not seen and key in (str(run.job_id), str(story.scenes.get(position=1).pk)):
            delete()

    module, _, point = failpoint_path.partition(" ")
    monkeypatch.setattr(f"{module}.failpoint", delete_at) if failpoint_path else delete()
    run_jobs()

    run.job.refresh_from_db()
    assert (seen, run.job.state) == ([False], State.CANCELLED)
    assert list(run.shots.values_list("state", flat=True)) == ["done"] * requested + ["skipped"] * (3 - requested)
    assert Clip.objects.count() == Clip.objects.exclude(ready_at=None).count() == requested, "requested clips are kept"
    wallet = ledger.get_wallet(story.workspace)
    assert (wallet.spent, wallet.reserved) == (requested * PRICE, 0)
    assert maintenance.find_violations() == []

    monkeypatch.undo()
    jobs.purge(run.job)
    assert not Run.objects.exists() and not Shot.objects.exists()
    assert Take.objects.filter(is_new=True).count() == requested
    assert maintenance.find_violations() == []
