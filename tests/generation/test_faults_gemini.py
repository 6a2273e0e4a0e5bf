"""A worker dies with the response of Gemini, and the callback to the submitted address finds the clip."""

import re

import pytest
from django.conf import settings as site
from django.db import connection as database
from django.test import Client

from accounts.billing.models import Hold
from generation.models import Clip
from generation.providers.webhooks import signing_keys
from jobs import maintenance
from jobs.models import Attempt, Job, State
from tests.fakes.gemini import GeminiFake
from tests.fakes.server import FakeServer
from tests.site_processes import workers
from tests.site_processes.fault_run import describe, read_state

pytestmark = [pytest.mark.faults, pytest.mark.deep, pytest.mark.django_db(transaction=True)]
SITE_URL = "https://studio.example"


def test_clip_whose_worker_died_with_the_response_is_found_by_its_callback(film, mika, tmp_path, settings):
    signing_keys.clear_cache()
    settings.SITE_URL, settings.IS_HTTPS = SITE_URL, True
    with FakeServer([GeminiFake(film)]) as fake_server:
        fake = fake_server.fakes["gemini"]
        hosts = [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        settings.PROVIDER_PRIVATE_HOSTS = hosts
        connection = workers.connect("gemini", fake_server.url("gemini"), {"api_key": fake.key})
        clip = workers.create_clip(
            mika, mika.workspaces.get(), connection, "a cat", model="gemini-omni-1.2-flash", resolution=720
        )
        job = Job.objects.get(pk=clip.job_id)
        environment = workers.environment(
            tmp_path, hosts, TEST_DATABASE=str(database.settings_dict["NAME"]), SECRET_KEY=site.SECRET_KEY,
            SITE_URL=SITE_URL, MEDIA_ORIGIN="https://media.studio.example", FAILPOINTS=f"after_answer@{job.pk}=kill",
        )  # fmt: skip
        started = workers.Workers(environment, tmp_path / "work.log")
        try:
            started.until(lambda: read_state(job) == State.UNKNOWN)
            assert Hold.objects.get(job_id=job.pk).state == Hold.State.HELD

            [task] = fake.created
            [address] = task.request["webhook_config"]["uris"]
            assert re.fullmatch(rf"{SITE_URL}/webhooks/gemini/{connection.webhook_token}/\?ref=[\w-]+", address)
            headers, body = fake.callback(task)
            path = address.removeprefix(SITE_URL)
            assert Client().post(path, body, "application/json", headers=headers).status_code == 204
            started.until(lambda: read_state(job) in workers.ENDED)
        finally:
            workers.stop_all([started], tmp_path)
            print((tmp_path / "work.log").read_text()[-6000:])  # noqa: T201 - shown when the test fails

    assert read_state(job) == State.READY, describe(job)
    assert Attempt.objects.get(job=job).provider_task_id == task.id
    assert len(fake.created) == 1
    assert Clip.objects.get(job=job).file("mezzanine")
    assert Hold.objects.get(job_id=job.pk).state == Hold.State.SETTLED
    assert maintenance.find_violations() == []
