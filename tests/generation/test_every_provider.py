"""One clip at every provider, from the prompt to the playable video, by polling alone."""

import pytest

from accounts.billing.models import Hold
from generation.management.commands import fake_providers
from generation.models import ClipFile
from generation.providers.adapters.local.provider import AnimaticProvider
from generation.providers.models import Connection
from generation.providers.registry import provider, providers
from jobs import maintenance
from jobs.models import Job, State
from tests.site_processes import workers
from tests.site_processes.run_job import run_job

pytestmark = pytest.mark.django_db
ENGINES = sorted(slug for slug, engine in providers().items() if not engine.is_local)


@pytest.fixture
def fake_server(film, settings, monkeypatch):
    """All fakes, connected to the site, with a ready-made video; without a public address there are no callbacks."""
    monkeypatch.setattr(AnimaticProvider, "draw", lambda _, request, out, watch: out.write_bytes(film))
    server, places = fake_providers.build_server(0, write_line=lambda _: None, queued=0, running=0)
    with server:
        settings.PROVIDER_PRIVATE_HOSTS = [f"{host}:{server.server_port}" for host in ("127.0.0.1", "localhost")]
        settings.PROVIDER_SECONDS = 20
        fake_providers.connect_all(places, by=None, owner=None)
        yield server


@pytest.mark.parametrize(
    "slug", [slug if slug in ("fal", "kling") else pytest.param(slug, marks=pytest.mark.deep) for slug in ENGINES]
)
def test_clip_is_submitted_once_and_its_video_is_downloaded(slug, fake_server, mika):
    model = provider(slug).capability()
    options = {"ratio": model.ratios[0], "seconds": model.seconds[0], "resolution": model.resolutions[0]}
    connection = Connection.objects.get(provider=slug)

    clip = workers.create_clip(
        mika, mika.workspaces.get(), connection, "a girl on a hill", model=model.model, **options
    )
    job = run_job(Job.objects.get(pk=clip.job_id))

    assert job.state == State.READY, (job.error_public, [*job.events.values_list("reason", flat=True)])
    assert len(fake_server.fakes[slug].created) == 1
    kinds = ClipFile.objects.filter(clip=clip).values_list("kind", flat=True)
    assert {ClipFile.Kind.MEZZANINE, ClipFile.Kind.POSTER} <= set(kinds)
    assert not Hold.objects.filter(job_id=job.pk, state=Hold.State.HELD).exists()
    assert maintenance.find_violations() == []
