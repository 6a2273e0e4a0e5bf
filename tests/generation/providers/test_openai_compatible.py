"""What is special about servers in the shape of OpenAI's Videos API: forms or JSON, odd words, the film's own call."""

import json
from dataclasses import replace

import pytest
from PIL import Image

from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Search, Stage, Stopped, Stopping, Submitted
from jobs.models import State
from tests.fakes.forms import form
from tests.fakes.server import Reply
from tests.generation.providers.contract import OPENAI_COMPATIBLE
from tests.generation.providers.customer import Customer


@pytest.fixture
def desk(desk_of):
    return desk_of(OPENAI_COMPATIBLE)


def last_post(desk):
    return [call for call in desk.fake.calls if call.method == "POST"][-1]


def test_a_request_is_a_form_even_without_a_picture(desk):
    desk.submit()
    sent = form(last_post(desk))
    assert {name: content.decode() for name, (_file, content) in sent.items()} == {
        "model": "wan-2.2",
        "prompt": "a girl on a hill at sunset, soft wind",
        "seconds": "4",
        "size": "1280x720",
    }


def test_gateways_that_take_no_forms_are_sent_json_with_the_picture_inside(desk_of):
    desk = desk_of(OPENAI_COMPATIBLE, extras={"model": "wan-2.2", "body": "json"})
    done = desk.submit(desk.request(Mode.PICTURE))
    sent = json.loads(last_post(desk).body)
    assert sent["input_reference"]["image_url"].startswith("data:image/png;base64,")
    assert desk.fake.told(desk.fake.tasks[done.task_id])["pictures"] == [desk.shots["start"].read_bytes()]


def test_vllm_is_told_frames_seed_and_what_to_leave_out(desk):
    desk.submit(desk.request(model="vllm-omni", seconds=5, negative_prompt="rain"))
    sent = {name: content.decode() for name, (_file, content) in form(last_post(desk)).items()}
    assert (sent["num_frames"], sent["fps"], sent["width"], sent["height"]) == ("81", "16", "848", "480")
    assert (sent["seed"], sent["negative_prompt"], sent["size"]) == ("424242", "rain", "848x480")


def test_a_server_with_one_model_is_not_told_its_name(desk_of):
    desk = desk_of(OPENAI_COMPATIBLE, extras={})
    desk.submit()
    assert "model" not in form(last_post(desk))


def test_a_picture_of_another_size_is_cut_to_the_shots(desk, tmp_path):
    Image.new("RGB", (900, 900), "red").save(tmp_path / "square.png")
    done = desk.submit(desk.request(Mode.PICTURE, picture=tmp_path / "square.png"))
    (content,) = desk.fake.told(desk.fake.tasks[done.task_id])["pictures"]
    (tmp_path / "sent.png").write_bytes(content)
    with Image.open(tmp_path / "sent.png") as sent:
        assert sent.size == (1280, 720)


def test_what_shows_through_a_picture_that_is_cut_is_white_and_no_hidden_colour(desk, tmp_path):
    picture = Image.new("RGBA", (900, 900), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 450, 900))
    picture.save(tmp_path / "half.png")
    done = desk.submit(desk.request(Mode.PICTURE, picture=tmp_path / "half.png"))
    (content,) = desk.fake.told(desk.fake.tasks[done.task_id])["pictures"]
    (tmp_path / "sent.png").write_bytes(content)
    with Image.open(tmp_path / "sent.png") as sent:
        assert [sent.convert("RGBA").getpixel(at) for at in ((100, 360), (1200, 360))] == [
            (0, 0, 255, 255), (255, 255, 255, 255)
        ]  # fmt: skip


def test_a_wrapped_answer_of_a_gateway_is_understood(desk):
    done = desk.submit()
    desk.fake.next("poll", "wrapped")
    seen = desk.poll(done)
    assert (seen.stage, seen.progress) == (Stage.RUNNING, 300)


@pytest.mark.django_db
def test_a_film_is_brought_home_where_the_server_repeats_the_picture_that_it_was_sent(desk, town):
    def repeated(request, act):
        reply = act()
        return Reply(reply.status, reply.body | {"input_reference": {"image_url": "A" * 3_000_000}})

    desk.fake.fault_repeated = repeated
    desk.fake.next("poll", *["repeated"] * 9)
    customer = Customer(desk, town.url(desk.entry.slug))

    job = customer.go(customer.order())

    assert job.state == State.READY, job.error_public
    assert len(desk.fake.faults["poll"]) == 8


@pytest.mark.parametrize(("told", "progress"), [(40, 400), ("40%", 400), (None, None), ("soon", None), (1e400, None)])
def test_progress_is_read_in_every_way_it_is_told(told, progress, desk):
    done = desk.submit()
    body = json.dumps({"id": done.task_id, "status": "in_progress", "progress": told})
    desk.fake.fault_told = lambda request, act: Reply(200, body)
    desk.fake.next("poll", "told")
    assert desk.poll(done).progress == progress


def test_the_key_goes_to_the_servers_own_content_and_not_along_its_redirect(desk, film):
    done = desk.submit()
    seen = desk.poll(done)
    desk.fake.next("film", "content_elsewhere")
    assert desk.fetch(seen.output) == film
    own, elsewhere = [call for call in desk.fake.calls if call.path.startswith(("/films", "/videos/"))][-2:]
    assert own.headers["authorization"].endswith(desk.fake.key)
    assert "authorization" not in elsewhere.headers


def test_a_connection_may_say_that_the_answer_names_the_films_address(desk_of, film):
    desk = desk_of(OPENAI_COMPATIBLE, extras={"film": "url"})
    done = desk.submit()
    desk.fake.next("poll", "with_address")
    seen = desk.poll(done)
    assert not seen.output.needs_key
    assert desk.fetch(seen.output) == film
    assert desk.poll(done).error.code == "no_film"


@pytest.mark.parametrize("kind", ["fastapi", "plain_text_error"])
def test_other_servers_refusals_are_refusals_too(kind, desk):
    prepared, ref = desk.prepare()
    desk.fake.next("submit", kind)
    with pytest.raises(RemoteError) as caught:
        desk.engine.submit(desk.account, prepared, ref)
    assert caught.value.fault == Fault.INVALID
    assert "size" in caught.value.detail


def test_a_list_without_prompts_proves_nothing(desk):
    desk.fake.has_prompts = False
    request = desk.request()
    prepared, ref = desk.prepare(request)
    desk.submit(request)
    assert desk.engine.find(desk.account, desk.lost(request, prepared.handle, ref)) == Search.UNDECIDED


def test_a_long_list_is_read_down_to_the_moment_of_the_submission(desk, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.openai_compatible.provider.PAGE", 2)
    request = desk.request()
    done = desk.submit(request)
    for _ in range(5):
        desk.submit(replace(request, prompt="two foxes"))
    lost = desk.lost(request, {"model": "wan-2.2"}, "ref")
    assert desk.engine.find(desk.account, lost) == Submitted(done.task_id, {"model": "wan-2.2", "id": done.task_id})


@pytest.fixture
def unsaid(desk, monkeypatch):
    """A server that never says whether its list goes on; a page has two tasks."""
    monkeypatch.setattr("generation.providers.adapters.openai_compatible.provider.PAGE", 2)

    def silent(request, act):
        if desk.deaf:
            request.query.pop("after", None)
        reply = act()
        return replace(reply, body={name: value for name, value in reply.body.items() if name != "has_more"})

    desk.deaf, desk.fake.fault_unsaid = False, silent
    desk.fake.next("look", *["unsaid"] * 20)
    return desk


def test_a_full_page_that_does_not_say_whether_more_follow_proves_nothing(unsaid):
    unsaid.deaf = True  # it does not page either: there is no way behind the first two
    request = unsaid.request()
    unsaid.submit(request)
    for _ in range(2):
        unsaid.submit(replace(request, prompt="two foxes"))
    lost = unsaid.lost(request, {"model": "wan-2.2"}, "ref")
    assert unsaid.engine.find(unsaid.account, lost) == Search.UNDECIDED


def test_a_server_that_does_not_page_has_told_all_where_its_page_has_room_left(unsaid):
    unsaid.deaf = True
    request = unsaid.request()
    unsaid.submit(replace(request, prompt="two foxes"))
    lost = unsaid.lost(request, {"model": "wan-2.2"}, "ref")
    assert unsaid.engine.find(unsaid.account, lost) == Search.ABSENT


def test_a_list_that_never_says_whether_more_follow_ends_where_a_page_has_room_left(unsaid):
    request = unsaid.request()
    done = unsaid.submit(request)
    for _ in range(4):
        unsaid.submit(replace(request, prompt="two foxes"))
    lost = unsaid.lost(request, {"model": "wan-2.2"}, "ref")
    assert unsaid.engine.find(unsaid.account, lost).task_id == done.task_id

    unsaid.taken.add(done.task_id)
    assert unsaid.engine.find(unsaid.account, lost) == Search.ABSENT


def test_an_old_task_ends_the_list_only_where_the_newest_comes_first(desk, monkeypatch):
    monkeypatch.setattr("generation.providers.adapters.openai_compatible.provider.PAGE", 2)
    request = desk.request()
    for _ in range(2):
        desk.submit(replace(request, prompt="two foxes"))
    done = desk.submit(request)
    for n, task in enumerate(desk.fake.created):
        task.made_at = -n  # what the fake sorts by
        task.notes["at"] -= (9000, 8000, 0)[n]
    lost = desk.lost(request, {"model": "wan-2.2"}, "ref")
    assert desk.engine.find(desk.account, lost).task_id == done.task_id


def test_a_gateway_may_tell_the_length_as_a_number(desk):
    request = desk.request()
    done = desk.submit(request)
    video = desk.fake.video
    desk.fake.video = lambda task: video(task) | {"seconds": int(task.request["seconds"])}
    lost = desk.lost(request, {"model": "wan-2.2"}, "ref")
    assert desk.engine.find(desk.account, lost).task_id == done.task_id


def test_the_check_says_when_the_model_is_not_there(desk_of):
    desk = desk_of(OPENAI_COMPATIBLE, extras={"model": "sora-9"})
    assert "“sora-9” is not among them" in desk.engine.check(desk.account)


def test_no_key_means_no_header(desk_of):
    desk = desk_of(OPENAI_COMPATIBLE, keys={"api_key": ""})
    with pytest.raises(RemoteError):
        desk.engine.check(desk.account)
    assert "authorization" not in desk.fake.calls[-1].headers


# --- stopping, where an operator says that DELETE does it ------------------------------------------------------------


@pytest.fixture
def stoppable(desk, say):
    say("openai-compatible", ways={"stop": "delete"})
    return desk


@pytest.mark.parametrize("where", ["queued", "running"])
def test_an_operator_says_that_delete_stops_what_waits_and_what_runs(where, stoppable):
    setattr(stoppable.fake, where, 3600)
    done = stoppable.submit()

    assert stoppable.engine.manners.stopping == Stopping.ANY
    assert stoppable.engine.cancel(stoppable.account, done.handle) == Stopped.DONE
    assert stoppable.fake.calls[-1].method == "DELETE"
    assert stoppable.end_of(done) == "lost"


def test_a_finished_film_is_not_deleted_by_trying_to_stop_it(stoppable, film):
    done = stoppable.submit()

    assert stoppable.engine.cancel(stoppable.account, done.handle) == Stopped.TOO_LATE
    assert "DELETE" not in [call.method for call in stoppable.fake.calls]
    assert stoppable.fetch(stoppable.poll(done).output) == film


def test_a_server_that_refuses_delete_goes_on(stoppable):
    stoppable.fake.running = 3600
    done = stoppable.submit()
    stoppable.fake.fault_no_delete = lambda request, act: Reply(405, {"detail": "Method Not Allowed"})
    stoppable.fake.next("delete", "no_delete")

    assert stoppable.engine.cancel(stoppable.account, done.handle) == Stopped.TOO_LATE
    assert stoppable.poll(done).stage == Stage.RUNNING
