"""Jobs of workers that are gone continue before their leases end."""

import subprocess
import sys

import pytest
from django.db.models.functions import Now

from jobs.lifecycle import engine, lease
from jobs.models import Heartbeat, Job
from jobs.runtime import heartbeat
from jobs.worker.abandoned_leases import AbandonedLeases

pytestmark = pytest.mark.rows


@pytest.fixture
def leased(submit):
    """Return leased(owner): a job that this worker has just leased."""

    def lease_to(owner: str) -> Job:
        job = submit()
        assert lease.acquire(Job.objects.filter(pk=job.pk), owner)
        return job

    return lease_to


def is_due(job: Job) -> bool:
    return Job.objects.due().filter(pk=job.pk).exists()


def test_job_of_a_killed_worker_is_due_at_once(leased):
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    job = leased(f"{engine.host_prefix()}{worker.pid}:1")
    AbandonedLeases().release()
    assert not is_due(job), "its worker lives"

    worker.kill()
    worker.wait()
    AbandonedLeases().release()

    assert is_due(job)


def test_job_of_a_machine_without_heartbeat_is_due_at_once(leased):
    job, other = leased("worker gone:7:1"), leased("worker running:7:1")
    Heartbeat.objects.create(name=heartbeat.name(heartbeat.DISPATCHER, "running"), pid=1, last_progress_at=Now())

    AbandonedLeases().release()

    assert is_due(job)
    assert not is_due(other)
