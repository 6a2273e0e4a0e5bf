"""Clips made by ComfyUI and by a self-hosted server, end to end with their fakes."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role
from common import secrets
from generation.clip_spec import ClipSpec
from generation.composer.providers_for_user import accounts_for
from generation.models import Clip
from generation.providers.adapters.comfyui import uploads as workflow_uploads
from generation.providers.adapters.comfyui.workflows import shipped
from generation.providers.models import Connection, ConnectionKey, Workflow
from generation.services import video_uploads
from generation.services.clips import create_clips
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from jobs.services import JobRefused
from tests.fakes import comfyui
from tests.fakes.comfyui import ComfyUIFake
from tests.fakes.openai_compatible import OpenAICompatibleFake
from tests.fakes.server import Town
from tests.generation.test_videos import file
from tests.generation.test_videos import film as small_film


@pytest.fixture
def fakes(film, settings, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.comfyui.progress.LISTEN_SECONDS", 0.2)
    settings.PROVIDER_SECONDS, settings.PROVIDER_PACE = 20, 1  # a busy machine is waited for; ``go`` says what is due
    made = [ComfyUIFake(film), OpenAICompatibleFake(film)]
    with Town(made) as town:
        settings.PROVIDER_PRIVATE_HOSTS = [f"{host}:{town.server_port}" for host in ("127.0.0.1", "localhost")]
        for fake in made:
            fake.url = town.url(fake.slug)
        yield {fake.slug: fake for fake in made}


@pytest.fixture
def connect_to(fakes):
    """``connect_to("comfyui", owner=mika)``: an account at that fake, or at another address; without an owner one of
    the site."""

    def connect(slug, owner=None, at="", **more):
        keys = {"comfyui": {"token": ComfyUIFake.key}}.get(slug, {"api_key": OpenAICompatibleFake.key})
        address = at or fakes[slug].url
        account = Connection.objects.create(provider=slug, label=slug, owner=owner, base_url=address, **more)
        sealed = secrets.encrypt({"keys": keys, "headers": {}})
        ConnectionKey.objects.create(connection=account, version=0, sealed=sealed)
        return account

    return connect


@pytest.fixture
def ask_for(connect_to, mika):
    """``ask_for("comfyui", model, …)`` through an account of Mika's at that fake, or another ``connection``."""

    def ask(slug, model, **more):
        account = more.pop("connection", None) or connect_to(slug, owner=mika)
        asked = {
            "prompt": "a cat on a roof", "negative_prompt": "", "style": "cel", "provider": slug, "model": model,
            "ratio": "16:9", "resolution": 480, "seconds": 2, "seed": 7, "paint": True, "chips_off": [], "options": {},
            "connection": account, **more,
        }  # fmt: skip
        [clip] = create_clips(ClipSpec(**asked), workspace=mika.workspaces.get(), by=mika, idem_key="k")
        return Job.objects.get(pk=clip.job_id)

    return ask


def test_comfyui_redraws_a_video(fakes, mika, ask_for, go):
    brought = video_uploads.keep(file(small_film(2)), workspace=mika.workspaces.get(), by=mika)
    engine.advance(brought.job_id)
    brought.refresh_from_db()
    job = ask_for("comfyui", "wan21-video-to-anime-1.3b", video=brought)
    go(job)
    assert job.state == State.READY, job.error_public
    (task,) = fakes["comfyui"].created
    told = fakes["comfyui"].told(task)
    assert told["prompt"].startswith("a cat on a roof")
    assert told["video"][4:8] == b"ftyp"
    assert Clip.objects.get(job=job).is_ready


def test_comfyui_progress_is_shown(fakes, ask_for, go, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.comfyui.progress.LISTEN_SECONDS", 20)
    fake = fakes["comfyui"]
    fake.running = 3600
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job, until=State.RUNNING)
    event = {"node": "8", "value": 15, "max": 30, "prompt_id": fake.created[0].id}
    fake.says = [{"type": "progress", "data": event}]
    go(job, steps=2)
    assert 400 < job.progress < 700
    assert "drawing" in job.progress_note


def test_missing_model_is_named_and_nothing_was_charged(fakes, ask_for, go, monkeypatch):
    monkeypatch.setitem(comfyui.MODELS, "vae_name", ["other.safetensors"])
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job)
    assert job.state == State.FAILED
    assert "“wan_2.1_vae.safetensors”" in job.error_public
    assert job.error_public.endswith("Nothing was charged.")


def test_restarted_comfyui_reports_a_lost_task(fakes, ask_for, go):
    fakes["comfyui"].running = 3600
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job, until=State.RUNNING)
    fakes["comfyui"].tasks.clear()
    go(job)
    assert job.state == State.FAILED
    assert "no longer has the task" in job.error_public


@pytest.mark.parametrize(
    ("slug", "model", "fault"),
    [
        ("comfyui", "wan21-words-1.3b", "cut_after_create"),
        ("comfyui", "wan21-words-1.3b", "no_id_after_create"),
        ("openai-compatible", "vllm-omni", "html_502_after_create"),
    ],
)
def test_lost_submission_is_found_and_made_once(fakes, ask_for, go, slug, model, fault):
    fakes[slug].next("submit", fault)
    job = ask_for(slug, model)
    go(job)
    assert job.state == State.READY, job.error_public
    assert len(fakes[slug].created) == 1


def test_cancel_reaches_comfyui(fakes, mika, ask_for, go):
    fakes["comfyui"].running = 3600
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job, until=State.RUNNING)
    jobs.cancel(job, by=mika)
    go(job)
    assert job.state == State.CANCELLED
    assert fakes["comfyui"].created[0].is_cancelled


# --- what a workspace brought runs on its own machines only ---------------------------------------------------------

OWN_ONLY = (
    "Your own workflows for ComfyUI could read files that others sent to the same server, so they only run on "
    "a connection of your own that nobody else uses. Connect one. Nothing was started."
)
ANOTHER = "http://127.0.0.1:9"  # where nobody has to answer


def bring(workspace):
    graph = shipped("wan21-words-1.3b")
    return workflow_uploads.keep(
        workspace=workspace, by=None, title="W", graph=graph, facts=workflow_uploads.understood(graph)
    )


@pytest.fixture
def brought(mika):
    return bring(mika.workspaces.get()).model


def try_again(person, job):
    browser = Client()
    browser.force_login(person)
    return browser.post(reverse("jobs:retry", args=[job.pk]), follow=True).text


def test_a_brought_workflow_is_not_asked_for_on_the_sites_machine(fakes, mika, connect_to, ask_for, brought):
    site = connect_to("comfyui", at=ANOTHER)
    browser = Client()
    browser.force_login(mika)
    wish = {"prompt": "x", "provider": "comfyui", "model": brought, "seconds": 2, "resolution": 480, "idem_key": "one"}
    assert OWN_ONLY in browser.post(reverse("generation:create"), wish, follow=True).text
    connect_to("comfyui", owner=mika)
    with pytest.raises(JobRefused, match="only run on a connection of your own"):
        ask_for("comfyui", brought, connection=site)
    assert not Job.objects.exists() and not fakes["comfyui"].calls


@pytest.mark.parametrize("how", ["deleted", "switched off", "the workflow removed as well"])
def test_trying_again_does_not_bring_it_there_once_ones_own_machine_is_gone(
    fakes, mika, connect_to, ask_for, go, brought, how
):
    connect_to("comfyui", at=ANOTHER)
    job = ask_for("comfyui", brought)
    jobs.cancel(job, by=mika)
    facts = {"is_enabled": False} if how == "switched off" else {"deleted_at": job.created_at}
    own = Connection.objects.filter(owner=mika)
    own.update(**facts)
    if how == "the workflow removed as well":
        workflow_uploads.remove(Workflow.objects.get())
    assert OWN_ONLY in try_again(mika, job)
    assert Job.objects.get() == go(job) and job.state == State.CANCELLED and not fakes["comfyui"].calls

    own.update(is_enabled=True, deleted_at=None)
    try_again(mika, job)
    assert go(Job.objects.get(retry_of=job)).state == State.READY


def test_a_colleague_without_a_machine_does_not_bring_it_there_either(fakes, mika, ren, connect_to, ask_for, brought):
    connect_to("comfyui", at=ANOTHER)
    job = ask_for("comfyui", brought)
    Membership.objects.create(user=ren, workspace=job.workspace, role=Role.EDITOR)
    jobs.cancel(job, by=mika)
    assert OWN_ONLY in try_again(ren, job)
    assert Job.objects.get() == job and not fakes["comfyui"].calls


def test_one_that_came_before_the_sites_machine_all_the_same_is_not_sent(fakes, connect_to, ask_for, go, brought):
    job = ask_for("comfyui", brought)
    Clip.objects.filter(job=job).update(connection=connect_to("comfyui"))
    assert go(job).state == State.FAILED
    assert job.error_public == f"{OWN_ONLY} Nothing was charged." and not fakes["comfyui"].calls


def test_operator_workflow_runs_on_the_site_connection(fakes, connect_to, ask_for, go):
    job = go(ask_for("comfyui", bring(None).model, connection=connect_to("comfyui")))
    assert job.state == State.READY, job.error_public
    assert len(fakes["comfyui"].created) == 1


# --- nor on one of their own that others draw on as well ------------------------------------------------------------


@pytest.fixture
def somebody_elses(ren, connect_to):
    """``somebody_elses("the site")``: an account that is not Mika's."""

    def connect(whose, **more):
        owner = {"the site": {}, "Ren": {"owner": ren}, "Ren's workspace": {"workspace": ren.workspaces.get()}}[whose]
        return connect_to("comfyui", **owner, **more)

    return connect


def same_place(fakes, how):
    at = fakes["comfyui"].url
    assert "127.0.0.1" in at
    return {"as it is": at, "by another name": at.replace("127.0.0.1", "LOCALHOST"), "below another path": f"{at}/api"}[
        how
    ]


@pytest.mark.parametrize("how", ["as it is", "by another name", "below another path"])
@pytest.mark.parametrize("whose", ["the site", "Ren", "Ren's workspace"])
def test_a_brought_workflow_is_not_asked_for_where_others_draw_too(fakes, ask_for, brought, somebody_elses, whose, how):
    somebody_elses(whose, at=same_place(fakes, how))
    with pytest.raises(JobRefused) as caught:
        ask_for("comfyui", brought)
    assert str(caught.value) == OWN_ONLY
    assert not Job.objects.exists() and not fakes["comfyui"].calls


@pytest.mark.parametrize("whose", ["the site", "Ren", "Ren's workspace"])
def test_nor_sent_there_when_others_came_meanwhile(fakes, ask_for, go, brought, somebody_elses, whose):
    job = ask_for("comfyui", brought)
    somebody_elses(whose)
    assert go(job).state == State.FAILED
    assert job.error_public == f"{OWN_ONLY} Nothing was charged." and not fakes["comfyui"].calls


def test_shipped_workflow_runs_on_shared_machines(fakes, ask_for, go, somebody_elses):
    somebody_elses("Ren")
    assert go(ask_for("comfyui", "wan21-words-1.3b")).state == State.READY


def test_those_who_share_a_workspace_with_them_are_no_others(mika, ren, connect_to, ask_for, go, brought):
    home = mika.workspaces.get()
    Membership.objects.create(user=ren, workspace=home, role=Role.EDITOR)
    connect_to("comfyui", workspace=home)
    assert go(ask_for("comfyui", brought)).state == State.READY


def test_an_address_that_a_stranger_only_wrote_down_is_not_theirs_until_it_works(
    mika, ren, connect_to, settings, brought
):
    mine = connect_to("comfyui", owner=mika, at="https://comfy.example.test")
    theirs = connect_to("comfyui", owner=ren, at="https://comfy.example.test:443/")
    home = mika.workspaces.get()
    assert [*accounts_for(mika, home, "comfyui", brought)] == [mine]
    Connection.objects.filter(pk=theirs.pk).update(health=Connection.Health.GOOD)
    assert [*accounts_for(mika, home, "comfyui", brought)] == []


def test_job_uploads_go_to_its_own_folder(fakes, mika, ask_for, go):
    brought = video_uploads.keep(file(small_film(2)), workspace=mika.workspaces.get(), by=mika)
    engine.advance(brought.job_id)
    brought.refresh_from_db()
    go(ask_for("comfyui", "wan21-video-to-anime-1.3b", video=brought))
    ref = fakes["comfyui"].created[0].ref
    assert [*fakes["comfyui"].files] == [f"tapwari/{ref}/video.mp4"]
