"""Clips made by ComfyUI and by a self-hosted server, end to end with their fakes."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role
from common import secrets
from generation.clip_spec import ClipSpec
from generation.models import Clip
from generation.offers.connections import find_usable_connections
from generation.providers.adapters.comfyui import uploads as workflow_uploads
from generation.providers.adapters.comfyui.provider import ComfyUIProvider
from generation.providers.adapters.comfyui.workflows import load_shipped, read_parameters
from generation.providers.models import Connection, ConnectionKey, Workflow
from generation.providers.traits import Billing
from generation.services import video_uploads
from generation.services.clips import create_clips
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from jobs.services import JobRefused
from tests.fakes import comfyui
from tests.fakes.comfyui import ComfyUIFake
from tests.fakes.openai_compatible import OpenAICompatibleFake
from tests.fakes.server import FakeServer
from tests.generation.uploads import make_video, video_file
from tests.generation.worker.helpers import read_history


@pytest.fixture
def fakes(film, settings, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.comfyui.progress.LISTEN_SECONDS", 0.2)
    settings.PROVIDER_SECONDS, settings.PROVIDER_PACE = 20, 1  # long, for a busy machine; ``run_job`` makes jobs due
    made = [ComfyUIFake(film), OpenAICompatibleFake(film)]
    with FakeServer(made) as fake_server:
        settings.PROVIDER_PRIVATE_HOSTS = [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        for fake in made:
            fake.url = fake_server.url(fake.slug)
        yield {fake.slug: fake for fake in made}


@pytest.fixture
def connect_fake(fakes):
    """``connect_fake("comfyui", owner=mika)`` creates a connection to that fake; without an owner the site's."""

    def connect(slug, owner=None, at="", **more):
        keys = {"comfyui": {"token": ComfyUIFake.key}}.get(slug, {"api_key": OpenAICompatibleFake.key})
        address = at or fakes[slug].url
        connection = Connection.objects.create(provider=slug, label=slug, owner=owner, base_url=address, **more)
        sealed = secrets.encrypt({"keys": keys, "headers": {}})
        ConnectionKey.objects.create(connection=connection, version=0, sealed=sealed)
        return connection

    return connect


@pytest.fixture
def create_clip(connect_fake, mika):
    """``create_clip("comfyui", model)`` requests a clip through Mika's connection, or another. Returns its job."""

    def create(slug, model, **more):
        connection = more.pop("connection", None) or connect_fake(slug, owner=mika)
        fields = {
            "prompt": "a cat on a roof", "negative_prompt": "", "style": "cel", "provider": slug, "model": model,
            "ratio": "16:9", "resolution": 480, "seconds": 2, "seed": 7, "paint": True, "chips_off": [], "options": {},
            "connection": connection, **more,
        }  # fmt: skip
        [clip] = create_clips(ClipSpec(**fields), workspace=mika.workspaces.get(), by=mika, idem_key="k")
        return Job.objects.get(pk=clip.job_id)

    return create


def test_comfyui_redraws_a_video(fakes, mika, create_clip, run_job):
    video = video_uploads.save_video(video_file(make_video(2)), workspace=mika.workspaces.get(), by=mika)
    engine.advance(video.job_id)
    video.refresh_from_db()
    job = create_clip("comfyui", "wan21-video-to-anime-1.3b", video=video)
    run_job(job)
    assert job.state == State.READY, job.error_public
    (task,) = fakes["comfyui"].created
    sent = fakes["comfyui"].read_request(task)
    assert sent["prompt"].startswith("a cat on a roof")
    assert sent["video"][4:8] == b"ftyp"
    assert Clip.objects.get(job=job).is_ready


def test_comfyui_progress_is_shown(fakes, create_clip, run_job, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.comfyui.progress.LISTEN_SECONDS", 20)
    fake = fakes["comfyui"]
    fake.running = 3600
    job = create_clip("comfyui", "wan21-words-1.3b")
    run_job(job, until=State.RUNNING)
    event = {"node": "8", "value": 15, "max": 30, "prompt_id": fake.created[0].id}
    fake.socket_messages = [{"type": "progress", "data": event}]
    run_job(job, steps=2)
    assert 400 < job.progress < 700
    assert "generating" in job.progress_note


def test_missing_model_is_named_and_nothing_was_charged(fakes, create_clip, run_job, monkeypatch):
    monkeypatch.setitem(comfyui.MODELS, "vae_name", ["other.safetensors"])
    job = create_clip("comfyui", "wan21-words-1.3b")
    run_job(job)
    assert job.state == State.FAILED
    assert "“wan_2.1_vae.safetensors”" in job.error_public
    assert job.error_public.endswith("Nothing was charged.")


def test_clip_lost_by_a_restarted_comfyui_is_requested_again(fakes, get_balance, create_clip, run_job):
    fake = fakes["comfyui"]
    fake.running, before = 3600, get_balance()
    job = create_clip("comfyui", "wan21-words-1.3b")
    run_job(job, until=State.RUNNING)
    fake.tasks.clear()
    fake.running = 0
    run_job(job)
    assert job.state == State.READY, job.error_public
    assert [*job.attempts.order_by("n").values_list("outcome", flat=True)] == ["lost", "accepted"]
    assert "ComfyUI lost this; submitting it again" in read_history(job)
    assert (job.price_charged, get_balance()) == (0, before)


def test_clip_that_is_lost_again_and_again_is_requested_three_more_times(fakes, get_balance, create_clip, run_job):
    fake, before = fakes["comfyui"], get_balance()
    job = create_clip("comfyui", "wan21-words-1.3b")
    fake.next("poll", *["server_restarted"] * 100)
    run_job(job, steps=60)
    assert job.state == State.FAILED
    assert "no longer has the task" in job.error_public
    assert job.error_public.endswith("Nothing was charged.")
    assert len([call for call in fake.calls if call.path.endswith("/prompt")]) == 4
    assert (job.price_charged, get_balance()) == (0, before)


def test_lost_clip_whose_cancellation_was_requested_is_not_requested_again(fakes, mika, create_clip, run_job):
    fake = fakes["comfyui"]
    fake.running = 3600
    job = create_clip("comfyui", "wan21-words-1.3b")
    run_job(job, until=State.RUNNING)
    fake.tasks.clear()
    jobs.cancel(job, by=mika)
    run_job(job)
    assert job.state != State.READY and job.attempts.count() == 1


def test_paid_clip_that_is_lost_is_not_requested_again(fakes, create_clip, run_job, monkeypatch):
    """An administrator may have set another billing rule, for a server that charges."""
    paid = replace(ComfyUIProvider.declared, billing=Billing.SUBMIT)
    monkeypatch.setattr(ComfyUIProvider, "declared", paid)
    fake = fakes["comfyui"]
    fake.running = 3600
    job = create_clip("comfyui", "wan21-words-1.3b")
    run_job(job, until=State.RUNNING)
    fake.tasks.clear()
    run_job(job)
    assert (job.state, job.attempts.count()) == (State.FAILED, 1)


# --- a workflow uploaded in a workspace runs on the workspace's own connections only --------------------------------

OWN_CONNECTION_ONLY = (
    "A workflow uploaded in a workspace only runs on connections of that workspace. Add a ComfyUI connection to it. "
    "Nothing was started."
)
UNUSED = "http://127.0.0.1:9"


def upload_workflow(workspace):
    graph = load_shipped("wan21-words-1.3b")
    return workflow_uploads.store_workflow(
        workspace=workspace, by=None, title="W", graph=graph, facts=read_parameters(graph)
    )


@pytest.fixture
def workflow_model(mika):
    return upload_workflow(mika.workspaces.get()).model


def post_retry(user, job):
    browser = Client()
    browser.force_login(user)
    return browser.post(reverse("jobs:retry", args=[job.pk]), follow=True).text


def test_uploaded_workflow_is_refused_on_the_site_connection(fakes, mika, connect_fake, create_clip, workflow_model):
    site = connect_fake("comfyui", at=UNUSED)
    browser = Client()
    browser.force_login(mika)
    form = {
        "prompt": "x", "provider": "comfyui", "model": workflow_model, "seconds": 2, "resolution": 480,
        "idem_key": "one",
    }  # fmt: skip
    assert OWN_CONNECTION_ONLY in browser.post(reverse("generation:create"), form, follow=True).text
    connect_fake("comfyui", owner=mika)
    with pytest.raises(JobRefused, match="only runs on connections of that workspace"):
        create_clip("comfyui", workflow_model, connection=site)
    assert not Job.objects.exists() and not fakes["comfyui"].calls


def test_retry_without_an_own_connection_is_refused(fakes, mika, connect_fake, create_clip, run_job, workflow_model):
    connect_fake("comfyui", at=UNUSED)
    job = create_clip("comfyui", workflow_model)
    jobs.cancel(job, by=mika)
    own = Connection.objects.filter(owner=mika)
    own.update(is_enabled=False)
    workflow_uploads.remove_workflow(Workflow.objects.get())
    assert OWN_CONNECTION_ONLY in post_retry(mika, job)
    assert Job.objects.get() == run_job(job) and job.state == State.CANCELLED and not fakes["comfyui"].calls

    own.update(is_enabled=True)
    post_retry(mika, job)
    assert run_job(Job.objects.get(retry_of=job)).state == State.READY


def test_personal_connection_of_a_colleague_is_not_the_workspaces_own(
    fakes, mika, ren, connect_fake, create_clip, workflow_model
):
    connect_fake("comfyui", owner=ren)
    job = create_clip("comfyui", workflow_model)
    Membership.objects.create(user=ren, workspace=job.workspace, role=Role.EDITOR)
    jobs.cancel(job, by=mika)
    assert OWN_CONNECTION_ONLY in post_retry(ren, job)
    assert Job.objects.get() == job and not fakes["comfyui"].calls


def test_personal_connection_counts_only_in_the_owners_personal_workspace(mika, ren, connect_fake):
    own_connection, elsewhere = connect_fake("comfyui", owner=mika), upload_workflow(ren.home).model
    Membership.objects.create(user=mika, workspace=ren.home, role=Role.EDITOR)
    assert [*find_usable_connections(mika, ren.home, "comfyui", elsewhere)] == []
    assert [*find_usable_connections(mika, mika.home, "comfyui", upload_workflow(mika.home).model)] == [own_connection]


def test_workspace_connection_runs_uploaded_workflows_of_all_members(
    mika, ren, connect_fake, create_clip, run_job, workflow_model
):
    Membership.objects.create(user=ren, workspace=mika.home, role=Role.EDITOR)
    shared = connect_fake("comfyui", workspace=mika.home)
    assert [*find_usable_connections(ren, mika.home, "comfyui", workflow_model)] == [shared]
    assert run_job(create_clip("comfyui", workflow_model, connection=shared)).state == State.READY


def test_clip_that_reached_a_foreign_connection_is_not_sent(fakes, connect_fake, create_clip, run_job, workflow_model):
    job = create_clip("comfyui", workflow_model)
    Clip.objects.filter(job=job).update(connection=connect_fake("comfyui"))
    assert run_job(job).state == State.FAILED
    assert job.error_public == f"{OWN_CONNECTION_ONLY} Nothing was charged." and not fakes["comfyui"].calls


def test_connection_of_others_to_the_same_server_disables_no_workflow(
    ren, connect_fake, create_clip, run_job, workflow_model
):
    connect_fake("comfyui", owner=ren)
    connect_fake("comfyui")
    assert run_job(create_clip("comfyui", workflow_model)).state == State.READY


def test_administrators_workflow_runs_on_the_site_connection(fakes, connect_fake, create_clip, run_job):
    job = run_job(create_clip("comfyui", upload_workflow(None).model, connection=connect_fake("comfyui")))
    assert job.state == State.READY, job.error_public
    assert len(fakes["comfyui"].created) == 1
