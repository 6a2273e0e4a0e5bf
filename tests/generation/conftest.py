import uuid

import av
import numpy as np
import pytest

from generation.clip_spec import ClipSpec
from generation.forms import ClipForm
from generation.providers import registry
from generation.services.clips import create_clips
from jobs.lifecycle import engine
from tests.factories import UserFactory
from tests.fakes import echo_variants
from tests.fakes.server import FakeServer
from tests.shared_drawings import draw_every_clip, share_drawings, shared_drawings  # noqa: F401 (fixtures)
from tests.shared_ingests import share_ingests, shared_ingests  # noqa: F401 (fixtures)
from tests.site_processes.fault_run import FaultRun


@pytest.fixture
def mika(db):
    """A user with a personal workspace."""
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren(db):
    """Another user, who is in no workspace of Mika's."""
    return UserFactory(name="Ren", email="ren@example.test")


@pytest.fixture
def queue_clips():
    """``queue_clips(mika, prompt="…")`` queues a small clip of Mika's as the Create page would. Returns the clips."""

    def queue(user, takes=1, **fields):
        form = ClipForm({"prompt": "a girl on a hill at sunset", "seconds": 2, "resolution": 480, **fields})
        assert form.is_valid(), form.errors
        spec = ClipSpec.from_form(form.cleaned_data)
        workspace = user.workspaces.get()
        return create_clips(spec, workspace=workspace, by=user, takes=takes, idem_key=uuid.uuid4().hex)

    return queue


@pytest.fixture
def draw():
    """``draw(clip)`` runs the next step of the clip's job, as a worker does. Returns the clip."""

    def advance(clip):
        engine.advance(clip.job_id)
        clip.refresh_from_db()
        clip.job.refresh_from_db()
        return clip

    return advance


@pytest.fixture
def run(film, tmp_path, mika, settings, request):
    """Real processes on the rows of this test. The parameter names the fake providers; by default Echo as four."""
    engines = getattr(request, "param", echo_variants.ENGINES)
    settings.JOBS_PER_WORKSPACE = 1000
    settings.EXTRA_PROVIDERS = list(engines.values())
    registry.providers.cache_clear()
    with FakeServer(
        echo_variants.fakes(film, echo_variants.ScriptedFake, engines, queued=0.2, running=0.4)
    ) as fake_server:
        run = FaultRun(fake_server, tmp_path, mika)
        yield run
        run.close()
    registry.providers.cache_clear()


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> bytes:
    """Two seconds of video with a moving square, as a provider would send it."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for n in range(48):
            picture = np.full((90, 160, 3), 40, np.uint8)
            picture[20:60, 2 * n : 2 * n + 30] = (220, 120, 60)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path.read_bytes()
