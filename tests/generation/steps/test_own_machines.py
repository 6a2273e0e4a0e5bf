"""Clips by a ComfyUI and by a server of one's own, from the wish to the film: through every step, with their fakes."""

import pytest

from common import secrets
from generation import videos
from generation.models import Clip, Connection, ConnectionKey
from generation.services import request_clips
from jobs import engine
from jobs import services as jobs
from jobs.models import Job, State
from tests.fakes import comfyui
from tests.fakes.comfyui import ComfyUIFake
from tests.fakes.openai_compatible import OpenAICompatibleFake
from tests.fakes.server import Town
from tests.generation.test_videos import file
from tests.generation.test_videos import film as small_film


@pytest.fixture
def fakes(film, settings, monkeypatch):
    monkeypatch.setattr("generation.providers.comfyui.progress.LISTEN_SECONDS", 0.2)
    settings.PROVIDER_SECONDS, settings.PROVIDER_PACE = 20, 1  # a busy machine is waited for; ``go`` says what is due
    made = [ComfyUIFake(film), OpenAICompatibleFake(film)]
    with Town(made) as town:
        settings.PROVIDER_PRIVATE_HOSTS = [f"{host}:{town.server_port}" for host in ("127.0.0.1", "localhost")]
        for fake in made:
            fake.url = town.url(fake.slug)
        yield {fake.slug: fake for fake in made}


@pytest.fixture
def ask_for(fakes, mika):
    """``ask_for("comfyui", model, …)`` through an account of Mika's at that fake."""

    def ask(slug, model, **more):
        keys = {"comfyui": {"token": ComfyUIFake.key}}.get(slug, {"api_key": OpenAICompatibleFake.key})
        account = Connection.objects.create(provider=slug, label=slug, owner=mika, base_url=fakes[slug].url)
        sealed = secrets.seal({"keys": keys, "headers": {}})
        ConnectionKey.objects.create(connection=account, version=0, sealed=sealed)
        asked = {
            "prompt": "a cat on a roof", "negative_prompt": "", "style": "cel", "provider": slug, "model": model,
            "ratio": "16:9", "resolution": 480, "seconds": 2, "seed": 7, "paint": True, "chips_off": [], "options": {},
            "connection": account, **more,
        }  # fmt: skip
        [clip] = request_clips(workspace=mika.workspaces.get(), by=mika, asked=asked, idem_key="k")
        return Job.objects.get(pk=clip.job_id)

    return ask


def test_a_video_is_drawn_anew_by_comfyui(fakes, mika, ask_for, go):
    brought = videos.keep(file(small_film(2)), workspace=mika.workspaces.get(), by=mika)
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


def test_its_real_progress_is_on_the_page(fakes, ask_for, go, monkeypatch):
    monkeypatch.setattr("generation.providers.comfyui.progress.LISTEN_SECONDS", 2)  # the fake hangs up after three
    fake = fakes["comfyui"]
    fake.running = 3600
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job, until=State.RUNNING)
    event = {"node": "8", "value": 15, "max": 30, "prompt_id": fake.created[0].id}
    fake.says = [{"type": "progress", "data": event}]
    go(job, steps=2)
    assert 400 < job.progress < 700
    assert "drawing" in job.progress_note


def test_a_missing_model_is_named_to_the_person_and_nothing_was_charged(fakes, ask_for, go, monkeypatch):
    monkeypatch.setitem(comfyui.MODELS, "vae_name", ["other.safetensors"])
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job)
    assert job.state == State.FAILED
    assert "“wan_2.1_vae.safetensors”" in job.error_public
    assert job.error_public.endswith("Nothing was charged.")


def test_a_comfyui_that_was_restarted_says_that_the_task_is_gone(fakes, ask_for, go):
    fakes["comfyui"].running = 3600
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job, until=State.RUNNING)
    fakes["comfyui"].tasks.clear()
    go(job)
    assert job.state == State.FAILED
    assert "no longer has the task" in job.error_public


@pytest.mark.parametrize("fault", ["cut_after_create", "html_502_after_create", "no_id_after_create"])
@pytest.mark.parametrize(("slug", "model"), [("comfyui", "wan21-words-1.3b"), ("openai-compatible", "vllm-omni")])
def test_a_lost_answer_is_found_again_and_made_once(fakes, ask_for, go, slug, model, fault):
    fakes[slug].next("submit", fault)
    job = ask_for(slug, model)
    go(job)
    assert job.state == State.READY, job.error_public
    assert len(fakes[slug].created) == 1


def test_stopping_stops_it_there(fakes, mika, ask_for, go):
    fakes["comfyui"].running = 3600
    job = ask_for("comfyui", "wan21-words-1.3b")
    go(job, until=State.RUNNING)
    jobs.cancel(job, by=mika)
    go(job)
    assert job.state == State.CANCELLED
    assert fakes["comfyui"].created[0].is_cancelled
