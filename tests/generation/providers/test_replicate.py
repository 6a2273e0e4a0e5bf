"""What is peculiar to Replicate; what every provider must do stands in test_contract.py."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from generation.providers import catalogue
from generation.providers.adapters.replicate import schemas, secrets
from generation.providers.base import Mode
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import singleflight
from generation.providers.remote import Event, Forged, Search, Stage, Stopped, Submitted
from tests.fakes.forms import form
from tests.fakes.server import Reply
from tests.generation.providers.contract import REPLICATE


@pytest.fixture
def desk(desk_of):
    return desk_of(REPLICATE)


@pytest.fixture
def quiet(desk_of):
    """An account whose site has no public address, so that no callback names a submission."""
    return desk_of(REPLICATE, webhook="")


def lose(desk, **changes):
    request = desk.request(**changes)
    prepared, ref = desk.prepare(request)
    desk.fake.next("submit", "cut_after_create")
    with pytest.raises(NoAnswer):
        desk.engine.submit(desk.account, prepared, ref)
    return desk.lost(request, prepared.handle, ref), desk.fake.created[-1]


def refused(act) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        act()
    return caught.value


def test_a_large_picture_is_uploaded_and_arrives_whole(desk, tmp_path):
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 640, 3), np.uint8)).save(path)
    assert path.stat().st_size > 256_000
    desk.submit(desk.request(Mode.PICTURE, picture=path))
    (task,) = desk.fake.created
    assert task.request["input"]["image"].startswith("http")
    assert desk.fake.told(task)["pictures"] == [path.read_bytes()]


def test_an_upload_is_named_after_the_kind_that_is_sent(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.replicate.provider.INLINE", 0)
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "shot.gif")
    desk.submit(desk.request(Mode.PICTURE, picture=tmp_path / "shot.gif"))
    (sent,) = [form(call) for call in desk.fake.calls if call.path == "/v1/files"]
    name, content = sent["content"]
    assert (name, content[:3]) == ("shot.jpeg", b"\xff\xd8\xff")


def test_what_a_model_takes_is_asked_for_once_in_a_while(desk):
    for _ in range(3):
        desk.submit()
    assert len([call for call in desk.fake.calls if call.path.startswith("/v1/models/") and call.method == "GET"]) == 1


def test_a_picture_is_never_left_out_where_the_model_has_no_input_for_it(desk):
    request = desk.request(Mode.WORDS, "wan-video/wan-2.5-t2v", picture=desk.shots["start"])
    error = refused(lambda: desk.prepare(request))
    assert (error.fault, error.code, error.field) == (Fault.INVALID, "no_input", "picture")
    assert desk.fake.created == []


def test_a_sharpness_is_never_left_out_where_the_model_has_no_input_for_it(desk):
    model = "kwaivgi/kling-v2.5-turbo-pro"
    assert "resolution" not in desk.prepare(desk.request(model=model, resolution=1080))[0].body["input"]
    error = refused(lambda: desk.prepare(desk.request(model=model, resolution=720)))
    assert (error.fault, error.code, error.field) == (Fault.INVALID, "no_input", "resolution")
    assert "1080p" in str(error.words)


def test_a_duration_that_the_model_does_not_draw_names_the_field(desk):
    error = refused(lambda: desk.prepare(desk.request(Mode.WORDS, "wan-video/wan-2.5-t2v", seconds=7)))
    assert (error.fault, error.field) == (Fault.INVALID, "seconds")


@pytest.mark.parametrize(("ratio", "lines", "size"), [("16:9", 480, "832*480"), ("9:16", 1080, "1080*1920")])
def test_the_nearest_size_of_the_same_shape_is_asked_for(ratio, lines, size, desk):
    desk.submit(desk.request(Mode.WORDS, "wan-video/wan-2.5-t2v", ratio=ratio, resolution=lines))
    assert desk.fake.created[0].request["input"]["size"] == size


def test_a_model_that_is_gone_is_said_to_be_gone(desk):
    desk.fake.schemas = {}
    error = refused(desk.prepare)
    assert (error.fault, error.code, error.field) == (Fault.INVALID, "no_model", "model")


@pytest.mark.parametrize(
    ("model", "path", "version"),
    [
        ("owner/name", "v1/models/owner/name/predictions", ""),
        ("owner/name:" + "a" * 64, "v1/predictions", "owner/name:" + "a" * 64),
        ("a" * 64, "v1/predictions", "a" * 64),
        ("deployments/owner/name", "v1/deployments/owner/name/predictions", ""),
    ],
)
def test_models_versions_and_deployments_have_their_addresses(model, path, version):
    assert schemas.where(model) == (path, version)


def test_a_version_without_a_name_is_told_the_usual_names(desk, monkeypatch):
    added = dict(catalogue.shipped("replicate")[0], model="a" * 64)
    monkeypatch.setattr(catalogue, "_merged", lambda slug: [*catalogue.shipped(slug), added])
    catalogue.forget()
    desk.submit(desk.request(Mode.PICTURE, "a" * 64))
    asked = desk.fake.created[0].request
    assert asked["version"] == "a" * 64
    assert set(asked["input"]) == {"prompt", "image", "duration", "aspect_ratio", "resolution", "seed"}


@pytest.mark.parametrize(("told", "pause"), [("30", 30), ("~601", 600), ("9999", 600)])
def test_a_rate_limit_that_resets_late_keeps_nobody_waiting_for_longer_than_any_other(desk, told, pause):
    desk.fake.fault_shaped = lambda *_: Reply(429, {"detail": f"Your rate limit resets in {told}s.", "status": 429})
    done = desk.submit()
    desk.fake.next("poll", "shaped")

    assert refused(lambda: desk.poll(done)).retry_after == pause


def test_the_bar_in_the_log_is_the_progress(desk):
    desk.fake.running = 3600
    assert desk.poll(desk.submit()).progress == 420


@pytest.mark.parametrize("output", [["{}"], {"video": "{}"}, {"video": ["{}"]}, "{}"])
def test_a_film_is_found_however_the_model_names_it(output, desk, film):
    def shaped(request, act):
        reply = act()
        address = reply.body["output"]
        value = {"video": [address]} if output == {"video": ["{}"]} else None
        value = value or (
            {"video": address} if isinstance(output, dict) else [address] if output == ["{}"] else address
        )
        reply.body["output"] = value
        return reply

    desk.fake.fault_shaped = shaped
    done = desk.submit()
    desk.fake.next("poll", "shaped")
    assert desk.fetch(desk.poll(done).output) == film


def test_a_film_among_its_own_files_is_fetched_with_the_token_and_no_other(desk, film):
    def at_home(request, act):
        reply = act()
        reply.body["output"] = f"{request.origin}/v1/files/abc/content"
        return reply

    desk.fake.fault_at_home = at_home
    done = desk.submit()
    desk.fake.next("poll", "at_home")
    seen = desk.poll(done)
    assert seen.output.needs_key
    assert desk.fetch(seen.output) == film
    assert not desk.poll(done).output.needs_key


def test_what_was_deleted_after_its_hour_is_lost(desk):
    done = desk.submit()
    desk.fake.next("poll", "data_removed")
    seen = desk.poll(done)
    assert (seen.stage, seen.error.fault) == (Stage.FAILED, Fault.LOST)


def test_throttling_says_in_words_when_to_come_back(desk):
    prepared, ref = desk.prepare()
    desk.fake.next("submit", "busy")
    error = refused(lambda: desk.engine.submit(desk.account, prepared, ref))
    assert (error.fault, error.retry_after) == (Fault.TRANSIENT, 30.0)


def test_stopping_is_asked_for_and_seen_later(desk):
    desk.fake.running = 3600
    done = desk.submit()
    assert desk.engine.cancel(desk.account, done.handle) == Stopped.REQUESTED
    assert desk.poll(done).stage == Stage.CANCELLED


# --- finding --------------------------------------------------------------------------------------------------------


def test_without_a_callback_address_seed_and_words_tell(quiet):
    quiet.submit(quiet.request(prompt="two foxes"))
    quiet.submit(quiet.request(seed=5))
    lost, task = lose(quiet)
    assert quiet.engine.find(quiet.account, lost) == Submitted(task.id, lost.handle | {"id": task.id})


def test_two_that_are_alike_in_everything_are_left_undecided(quiet):
    lose(quiet)
    lost, _task = lose(quiet)
    assert quiet.engine.find(quiet.account, lost) == Search.UNDECIDED


def test_where_the_callback_address_is_not_echoed_it_is_found_all_the_same(desk):
    desk.fake.echoes_webhook = False
    lost, task = lose(desk)
    assert desk.engine.find(desk.account, lost).task_id == task.id


def test_it_is_found_on_a_later_page(desk):
    desk.fake.page = 2
    lost, task = lose(desk)
    for _ in range(7):
        desk.submit(desk.request(prompt="another"))
    assert desk.engine.find(desk.account, lost).task_id == task.id


def test_one_of_yesterday_is_not_ours(desk):
    lost, task = lose(desk)
    task.notes["created_at"] = "2026-01-01T00:00:00Z"
    assert desk.engine.find(desk.account, lost) == Search.ABSENT


def test_one_whose_words_were_deleted_leaves_it_undecided(quiet):
    lost, task = lose(quiet)

    def emptied(request, act):
        reply = act()
        reply.body["results"] = [row | {"input": {}, "data_removed": True} for row in reply.body["results"]]
        return reply

    quiet.fake.fault_emptied = emptied
    quiet.fake.next("look", "emptied")
    assert quiet.engine.find(quiet.account, lost) == Search.UNDECIDED
    assert quiet.engine.find(quiet.account, lost).task_id == task.id


def test_a_list_that_does_not_say_that_it_ends_proves_nothing(desk):
    lost, task = lose(desk)
    desk.taken.add(task.id)

    def unsaid(request, act):
        reply = act()
        del reply.body["next"]
        return reply

    desk.fake.fault_unsaid = unsaid
    desk.fake.next("look", "unsaid")
    assert desk.engine.find(desk.account, lost) == Search.UNDECIDED
    assert desk.engine.find(desk.account, lost) == Search.ABSENT


# --- callbacks ------------------------------------------------------------------------------------------------------


def test_a_secret_that_was_pasted_is_used_and_none_is_asked_for(desk):
    task = desk.fake.tasks[desk.submit().task_id]
    account = replace(desk.account, keys={**desk.account.keys, "webhook_secret": desk.fake.webhook_secret})
    assert desk.engine.event(account, *desk.fake.callback(task)) == Event(task.id)
    assert not [call for call in desk.fake.calls if call.path.endswith("/secret")]


def secrets_asked(desk):
    return len([call for call in desk.fake.calls if call.path.endswith("/secret")])


def test_however_many_callbacks_come_the_secret_is_asked_for_once(desk):
    task = desk.fake.tasks[desk.submit().task_id]
    headers, body = desk.fake.callback(task)
    for _ in range(3):
        assert desk.engine.event(desk.account, headers, body) == Event(task.id)
        with pytest.raises(Forged):
            desk.engine.event(desk.account, headers | {"webhook-signature": "v1,c2VjcmV0"}, body)
    assert secrets_asked(desk) == 1


def test_a_secret_that_was_replaced_there_is_learned_after_a_while_and_no_flood_hastens_it(desk, monkeypatch):
    task = desk.fake.tasks[desk.submit().task_id]
    desk.engine.event(desk.account, *desk.fake.callback(task))
    desk.fake.webhook_secret = "whsec_bmV3ZXI="
    headers, body = desk.fake.callback(task)
    with pytest.raises(Forged):
        desk.engine.event(desk.account, headers, body)
    later = time.monotonic() + secrets.FRESH + 1
    monkeypatch.setattr(secrets.time, "monotonic", lambda: later)
    assert desk.engine.event(desk.account, headers, body).task_id == task.id
    assert secrets_asked(desk) == 2


def test_while_it_cannot_be_learned_anew_the_known_one_goes_on_proving(desk, monkeypatch):
    """A stranger's call makes us ask at a moment when Replicate is away."""
    headers, body = desk.fake.callback(desk.fake.tasks[desk.submit().task_id])
    desk.engine.event(desk.account, headers, body)
    later = time.monotonic() + secrets.FRESH + 1
    monkeypatch.setattr(secrets.time, "monotonic", lambda: later)
    desk.fake.fault_away = lambda request, act: Reply(503, {"detail": "away"})
    desk.fake.next("secret", "away")
    with pytest.raises(Forged):
        desk.engine.event(desk.account, headers | {"webhook-signature": "v1,c2VjcmV0"}, body)

    assert desk.engine.event(desk.account, headers, body)
    assert secrets_asked(desk) == 2


def test_several_at_once_ask_for_the_secret_once_and_are_believed(desk, monkeypatch):
    headers, body = desk.fake.callback(desk.fake.tasks[desk.submit().task_id])
    asked, answered, ask = threading.Event(), threading.Event(), type(desk.engine)._ask_secret

    def slowly(engine, account):
        asked.set()
        answered.wait(20)
        return ask(engine, account)

    monkeypatch.setattr(type(desk.engine), "_ask_secret", slowly)
    monkeypatch.setattr(singleflight, "BRIEFLY", 20.0)  # a busy machine is waited for
    with ThreadPoolExecutor(5) as threads:
        try:
            those = [threads.submit(desk.engine.event, desk.account, headers, body)]
            assert asked.wait(20)
            those += [threads.submit(desk.engine.event, desk.account, headers, body) for _n in range(4)]
            wait(those, timeout=0.3)
        finally:
            answered.set()
        assert all(each.result(timeout=20) for each in those)

    assert secrets_asked(desk) == 1


def test_while_the_secret_cannot_be_had_nothing_is_believed(desk):
    task = desk.fake.tasks[desk.submit().task_id]
    desk.fake.fault_away = lambda request, act: Reply(503, {"detail": "away"})
    desk.fake.next("secret", "away")
    with pytest.raises(Forged):
        desk.engine.event(desk.account, *desk.fake.callback(task))


def test_sound_that_a_model_has_no_input_for_is_refused_and_never_left_out(desk):
    silent = next(each.model for each in desk.engine.capabilities() if not each.has_audio)

    with pytest.raises(RemoteError) as caught:
        desk.prepare(desk.request(model=silent, options={"audio": True}))

    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "audio")
