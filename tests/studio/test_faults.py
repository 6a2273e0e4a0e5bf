"""Real workers are killed right after each scene was asked for: no scene is drawn twice, none is left out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from generation.models import Clip
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.models import Take
from tests.processes import end, until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workers(tmp_path):
    """``manage.py work``, whose workers die once for each scene that a run asks for."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.studio.proving",
        "PROVING_DATABASE": str(connection.settings_dict["NAME"]),
        "SECRET_KEY": site.SECRET_KEY,
        "TAPWARI_VAR": str(tmp_path),
        "TESTING": "yes",
        "JOB_LEASE_SECONDS": "4",
        "WATCHDOG_SECONDS": "30",
        "FAILPOINTS": "shot_asked=kill",
        "FAILPOINT_DIR": str(tmp_path),
    }
    with (tmp_path / "work.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "work"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    yield tmp_path
    end([process], tmp_path)
    print((tmp_path / "work.log").read_text())  # noqa: T201 - shown when the test fails


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["coherent", "fast"])
def test_a_run_survives_the_death_of_its_worker_after_every_scene(mika, write, workers, mode):
    story = write(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof")
    run = drawing_services.start_run(story=story, by=mika, which="all", mode=mode, idem_key="k")

    until(lambda: not Job.objects.active().exists(), every=0.5)

    assert list(run.shots.values_list("state", flat=True)) == ["done"] * 3
    assert Clip.objects.count() == Take.objects.count() == 3
    assert len(list(workers.glob("failpoint-shot_asked-*"))) == 3
