import io
import uuid
import wave

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generation.media import storage
from generation.models import Clip, ClipFile
from generation.worker.files import build_file_key
from jobs import services as jobs
from jobs.lifecycle import transitions
from jobs.models import State
from studio.films import plan as film_plan
from studio.films import services as film_services
from studio.models import Scene, Take
from studio.render.plan import Format
from tests.studio.render.clips import make_mezzanine, numbered_frames, tone

REAL_SIZE_PER_TEST_SIZE = 4  # 1280 × 720 becomes 320 × 180, still larger than the test clips


@pytest.fixture(autouse=True)
def small_films(request, monkeypatch):
    """Render films at a quarter of their width and height, unless a test asks for ``full_size``."""
    if "full_size" not in request.fixturenames:
        real = film_plan.get_format

        def small(story, settings):
            size = real(story, settings)
            return Format(size.width // REAL_SIZE_PER_TEST_SIZE, size.height // REAL_SIZE_PER_TEST_SIZE)

        monkeypatch.setattr(film_plan, "get_format", small)


@pytest.fixture
def full_size():
    """Keep the real size of films in this test."""


@pytest.fixture(scope="session")
def mezzanines(tmp_path_factory):
    """``mezzanines(n)``: a small mezzanine of two seconds with sound and numbered frames, written once."""
    folder, created = tmp_path_factory.mktemp("reels"), {}

    def create(n, frames=48):
        if (n, frames) not in created:
            sound = tone(frames, 0.2, 300 + 40 * n)
            created[n, frames] = make_mezzanine(
                folder / f"{n}-{frames}.mp4", numbered_frames(n % 16), frames, pcm=sound
            )
        return created[n, frames]

    return create


def create_finished_job(workspace):
    job = jobs.submit(
        workspace=workspace, by=None, kind="clip", title="take", params={}, idem_key=uuid.uuid4().hex, is_limited=False
    )
    for state in (State.RUNNING, State.STORED, State.READY):
        transitions.move(job, state)
    return job


@pytest.fixture
def add_take(mezzanines):
    """``add_take(scene)`` gives a scene a finished take without a worker. Returns the take."""

    def add(scene, *, n=None, frames=48, purpose=Take.Purpose.FINAL, workspace=None):
        shot = mezzanines((scene.position if n is None else n) % 16, frames)
        workspace = workspace or scene.story.workspace
        job = create_finished_job(workspace)
        clip = Clip.objects.create(
            workspace=workspace, job=job, title="take", prompt=scene.prompt, seed=1, frames=frames, width=256,
            height=144, has_sound=True, ready_at=timezone.now(),
        )  # fmt: skip
        for kind in (ClipFile.Kind.MEZZANINE, ClipFile.Kind.POSTER):
            file = storage.store_file(shot.path, build_file_key(clip, kind))
            ClipFile.objects.create(
                clip=clip, kind=kind, key=file.key, content_type=file.content_type, sha256=file.sha256, bytes=file.bytes
            )
        Clip.objects.filter(pk=clip.pk).update_bytes()
        take = Take.objects.create(scene=scene, clip=clip, purpose=purpose)
        if purpose == Take.Purpose.FINAL:
            Scene.objects.filter(pk=scene.pk).update(chosen=take)
        return take

    return add


@pytest.fixture
def create_storyboard(mika, create_story, add_take):
    """``create_storyboard(3)`` creates a story of three scenes whose final takes have 48 frames each."""

    def create(count, frames=48, **fields):
        story = create_story(mika, *(f"Something happens, number {n}" for n in range(1, count + 1)), **fields)
        for scene in story.scenes.in_order():
            add_take(scene, frames=frames)
        return story

    return create


@pytest.fixture
def update_scene():
    """``update_scene(story, 2, trim_in=6)`` changes scene 2 without a history entry."""

    def update(story, n, **fields):
        Scene.objects.filter(story=story, position=n).update(**fields)

    return update


@pytest.fixture
def request_film(mika, key):
    """``request_film(story)`` requests the film of a story as it is now."""

    def request(story, **more):
        return film_services.request_film(**{"story": story, "by": mika, "idem_key": f"film-{key()}"} | more)

    return request


@pytest.fixture
def music_upload():
    """``music_upload(3.0)`` returns a WAV upload with a tone of three seconds."""

    def create_upload(seconds=3.0, name="harbour.wav"):
        samples = np.sin(2 * np.pi * 330 * np.arange(int(48_000 * seconds)) / 48_000)
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes((samples * 9000).astype("<i2").tobytes())
        return SimpleUploadedFile(name, buffer.getvalue(), "audio/wav")

    return create_upload
