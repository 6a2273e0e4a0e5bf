"""A run deleted in any state is hidden at once, ends, and charges only what was requested."""

import pytest

from accounts.billing import ledger
from generation.models import Clip
from jobs import maintenance
from jobs import services as jobs
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.models import Run, Scene, Shot
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db
MOMENTS = {  # where it is deleted, and how many of its three scenes were asked for by then
    "before it begins": ("", 0),
    "when it is claimed": ("jobs.lifecycle.engine after_claim", 0),
    "after its first scene": ("studio.drawing.worker shot_submitted", 1),
    "at its last step": ("jobs.lifecycle.engine before_stored", 3),
}


@pytest.mark.parametrize("when", MOMENTS)
def test_a_deleted_run_is_hidden_and_requests_nothing_more(mika, create_story, run_jobs, atelier, monkeypatch, when):
    (where, asked), seen = MOMENTS[when], []
    story = create_story(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof", provider="atelier")
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="coherent", idem_key="k")

    def delete():
        jobs.delete(Job.objects.get(pk=run.job_id), by=mika)
        seen.append(Job.objects.shown().filter(pk=run.job_id).exists())

    def at(name, key):
        if name == point and not seen and key in (str(run.job_id), str(story.scenes.get(position=1).pk)):
            delete()

    module, _, point = where.partition(" ")
    monkeypatch.setattr(f"{module}.failpoint", at) if where else delete()
    run_jobs()

    run.job.refresh_from_db()
    assert (seen, run.job.state) == ([False], State.CANCELLED)
    assert list(run.shots.values_list("state", flat=True)) == ["done"] * asked + ["skipped"] * (3 - asked)
    assert Clip.objects.count() == Clip.objects.exclude(ready_at=None).count() == asked, "what was asked for is kept"
    wallet = ledger.get_wallet(story.workspace)
    assert (wallet.spent, wallet.reserved) == (asked * PRICE, 0)
    assert maintenance.find_violations() == []

    monkeypatch.undo()
    jobs.purge(run.job)
    assert not Run.objects.exists() and not Shot.objects.exists()
    assert Scene.objects.exclude(chosen=None).count() == asked
    assert maintenance.find_violations() == []
