"""Workers are killed right after each scene was requested: no scene is drawn twice, and none is left out."""

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
from tests.processes import kill_processes_of, until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workers(tmp_path):
    """``manage.py work``, whose workers die once for each scene that a run requests."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.studio.fault_settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "SECRET_KEY": site.SECRET_KEY,
        "TAPWARI_VAR": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "TESTING": "yes",
        "JOB_LEASE_SECONDS": "30",  # drawing on a busy machine reports seldom; leases of killed workers end at once
        "WATCHDOG_SECONDS": "30",
        "FAILPOINTS": "shot_submitted=kill",
        "FAILPOINT_DIR": str(tmp_path),
    }
    with (tmp_path / "work.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "work"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    yield tmp_path
    kill_processes_of(tmp_path)
    process.wait()
    print((tmp_path / "work.log").read_text())  # noqa: T201 - shown when the test fails


@pytest.mark.slow
def test_a_fast_run_survives_the_death_of_its_worker_after_every_scene(mika, create_story, workers):
    """Coherent runs are those of test_faults_providers.py."""
    story = create_story(mika, "a girl on a hill", "a dog by the sea")
    run = drawing_services.start_run(story=story, by=mika, which="all", mode="fast", idem_key="fast")

    until(lambda: not Job.objects.active().exists(), every=0.5)

    assert list(run.shots.values_list("state", flat=True)) == ["done"] * 2
    assert Clip.objects.count() == Take.objects.count() == 2
    assert len(list(workers.glob("failpoint-shot_submitted-*"))) == 2
