"""What is peculiar to DashScope; what every provider must do stands in test_contract.py."""

from dataclasses import replace
from datetime import timedelta

import pytest

from generation.providers.adapters.dashscope.provider import DashscopeProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Search, Stopped, Submitted
from tests.fakes import dashscope as there
from tests.fakes.dashscope import DashscopeFake
from tests.generation.providers.contract import DASHSCOPE
from tests.generation.providers.losing import lose
from tests.generation.providers.talking import fault_of, talking


@pytest.fixture
def wan(town, shipped_models, tmp_path):
    return talking(DashscopeProvider(), DashscopeFake(b"film"), town, tmp_path)


def test_only_the_submission_asks_for_the_background(wan):
    done = wan.send()
    wan.provider.poll(wan.account, done.handle)

    posted, polled = wan.fake.calls
    assert posted.headers["x-dashscope-async"] == "enable"
    assert "x-dashscope-async" not in polled.headers


@pytest.mark.parametrize(
    ("model", "mode", "path", "fields"),
    [
        ("wan2.6-t2v", Mode.WORDS, "video-generation", {"size"}),
        ("wan2.6-i2v", Mode.PICTURE, "video-generation", {"img_url", "resolution"}),
        ("wan2.2-kf2v-flash", Mode.FIRST_LAST, "image2video", {"first_frame_url", "last_frame_url", "resolution"}),
        ("wan2.7-t2v", Mode.WORDS, "video-generation", {"resolution", "ratio"}),
        ("wan2.7-i2v", Mode.FIRST_LAST, "video-generation", {"media", "resolution"}),
        ("wan3.0-video", Mode.PICTURE, "video-generation", {"media", "resolution"}),
        ("wan3.0-video", Mode.REFERENCES, "video-generation", {"media", "resolution", "ratio"}),
    ],
)
def test_each_generation_is_asked_in_its_own_shape(model, mode, path, fields, wan):
    wan.send(mode, model=model)

    asked = wan.fake.created[0].request
    every = {"size", "resolution", "ratio", "img_url", "first_frame_url", "last_frame_url", "media"}
    assert every & {*asked["input"], *asked["parameters"]} == fields
    assert wan.fake.calls[0].path == f"/services/aigc/{path}/video-synthesis"


def test_media_say_what_each_picture_is_for(wan):
    wan.send(Mode.FIRST_LAST, model="wan2.7-i2v")
    wan.send(Mode.REFERENCES, model="wan2.7-r2v")

    frames, references = ([each["type"] for each in task.request["input"]["media"]] for task in wan.fake.created)
    assert (frames, references) == (["first_frame", "last_frame"], ["reference_image", "reference_image"])


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [("16:9", 720, "1280*720"), ("1:1", 720, "960*960"), ("3:4", 1080, "1248*1632")],
)
def test_sizes_are_exactly_those_that_older_models_draw(ratio, resolution, size, wan):
    wan.send(model="wan2.6-t2v", ratio=ratio, resolution=resolution)

    assert wan.fake.created[0].request["parameters"]["size"] == size


def test_a_size_that_they_do_not_draw_is_refused_here(wan):
    error = wan.refused(model="wan2.6-t2v", ratio="4:3", resolution=480)

    assert (error.fault, error.code, error.field) == (Fault.INVALID, "size", "resolution")
    assert wan.fake.calls == []


def test_too_long_a_list_of_what_to_leave_out_is_refused_here(wan):
    error = wan.refused(negative_prompt="x" * 501)

    assert (error.fault, error.field) == (Fault.INVALID, "negative_prompt")
    assert wan.fake.calls == []


def test_a_task_older_than_a_day_is_lost_though_http_says_all_is_well(wan):
    done = wan.send()
    wan.fake.created[0].is_gone = True

    error = fault_of(lambda: wan.provider.poll(wan.account, done.handle))

    assert (error.fault, error.code) == (Fault.LOST, "UNKNOWN")


@pytest.mark.parametrize(
    ("fault", "meant"),
    [
        ("busy", Fault.TRANSIENT),
        ("allocation", Fault.QUOTA),
        ("quota", Fault.QUOTA),
        ("busy_retry_after", Fault.UNKNOWN),
    ],
)
def test_of_the_kinds_of_429_and_400_money_is_told_from_haste(fault, meant, wan):
    wan.fake.next("submit", fault)

    assert wan.refused().fault == meant


def test_its_own_time_out_leaves_the_outcome_open(wan):
    wan.fake.next("submit", "time_out_after_create")

    assert wan.refused().fault == Fault.UNKNOWN
    assert len(wan.fake.created) == 1


@pytest.mark.parametrize("tells_moment", [True, False])
@pytest.mark.parametrize("hours", [-8, 0, 5.5, 8])
def test_a_lost_task_is_found_whatever_zone_its_times_are_of(hours, tells_moment, wan, monkeypatch):
    monkeypatch.setattr(there, "ZONE", timedelta(hours=hours))
    wan.fake.tells_moment = tells_moment
    lost, task = lose(wan)

    assert wan.provider.find(wan.account, lost).task_id == task.id


@pytest.mark.parametrize("tells_moment", [True, False])
@pytest.mark.parametrize("change", [{"prompt": "two foxes"}, {"model": "wan2.6-t2v"}, {"ago": 400}, {"ago": -400}])
def test_a_foreign_task_of_other_words_model_or_minute_is_not_taken_for_ours(change, tells_moment, wan):
    wan.fake.tells_moment = tells_moment
    asked = {name: value for name, value in change.items() if name != "ago"}
    wan.send(**asked)
    wan.fake.created[0].notes["submitted"] -= timedelta(seconds=change.get("ago", 0))
    lost, task = lose(wan)
    task.is_gone = True

    assert wan.provider.find(wan.account, lost) == Search.ABSENT


def test_the_same_words_an_hour_ago_are_not_taken_for_ours_where_the_moment_is_told(wan):
    wan.send()
    wan.fake.created[0].notes["submitted"] -= timedelta(hours=1)
    lost, task = lose(wan)
    task.is_gone = True

    assert wan.provider.find(wan.account, lost) == Search.ABSENT


def test_the_same_words_twice_in_a_minute_stay_undecided(wan):
    lost, _task = lose(wan)
    wan.send()

    assert wan.provider.find(wan.account, lost) == Search.UNDECIDED


def test_a_long_list_proves_nothing(wan):
    for _ in range(11):
        wan.send(prompt="another")
    lost, task = lose(wan)
    task.is_gone = True

    assert wan.provider.find(wan.account, lost) == Search.UNDECIDED
    assert wan.provider.find(wan.account, replace(lost, is_taken=lambda _id: True)) == Search.ABSENT


def test_a_page_with_fewer_tasks_than_there_are_proves_nothing(wan):
    lost, task = lose(wan)
    task.is_gone = True

    def shorter(request, act):
        reply = act()
        reply.body["total"] = 30
        return reply

    wan.fake.fault_shorter = shorter
    wan.fake.next("look", "shorter")

    assert wan.provider.find(wan.account, lost) == Search.UNDECIDED
    assert wan.provider.find(wan.account, lost) == Search.ABSENT


@pytest.mark.parametrize("tells_moment", [True, False])
def test_a_lost_task_is_found_behind_more_than_a_page_of_newer_ones(tells_moment, wan):
    wan.fake.tells_moment = tells_moment
    lost, task = lose(wan)
    others = {wan.send(prompt="another").task_id for _ in range(60)}

    assert wan.provider.find(wan.account, replace(lost, is_taken=others.__contains__)).task_id == task.id


@pytest.mark.parametrize("fault", ["broken", "auth", "html_502", "cut_before_create"])
@pytest.mark.parametrize("is_there", [True, False])
def test_trouble_on_the_second_page_does_not_take_away_what_the_first_one_shows(fault, is_there, wan):
    wan.fake.tells_moment = False
    others = {wan.send(prompt="another").task_id for _ in range(60)}
    lost, task = lose(wan)
    task.is_gone = not is_there
    wan.fake.next("look", "", fault)

    seen = wan.provider.find(wan.account, replace(lost, is_taken=others.__contains__))

    assert seen == (Submitted(task.id, lost.handle | {"id": task.id}) if is_there else Search.UNDECIDED)
    assert not wan.fake.faults["look"]


def test_trouble_on_the_first_page_is_told_as_it_is(wan):
    lost, _task = lose(wan)
    wan.fake.next("look", "broken")

    assert fault_of(lambda: wan.provider.find(wan.account, lost)).fault == Fault.TRANSIENT


@pytest.mark.parametrize("tells_moment", [True, False])
def test_a_list_is_read_down_to_what_began_before_it_and_never_without_end(tells_moment, wan):
    wan.fake.tells_moment = tells_moment
    others = {wan.send(prompt="another").task_id for _ in range(310)}
    for other in wan.fake.created[:200]:
        other.notes["submitted"] -= timedelta(hours=1)
    lost, task = lose(wan)
    task.is_gone = True
    before = len(wan.fake.calls)

    seen = wan.provider.find(wan.account, replace(lost, is_taken=others.__contains__))

    assert seen == (Search.ABSENT if tells_moment else Search.UNDECIDED)
    assert len(wan.fake.calls) - before == (3 if tells_moment else 5)


def test_looking_asks_for_a_bounded_number_of_tasks(wan):
    for _ in range(30):
        wan.send(prompt="another")
    lost, _task = lose(wan)
    before = len(wan.fake.calls)

    wan.provider.find(wan.account, lost)

    assert len(wan.fake.calls) - before <= 11


def test_what_runs_already_is_not_stopped(wan):
    wan.fake.running = 60
    done = wan.send()

    assert wan.provider.cancel(wan.account, done.handle) == Stopped.TOO_LATE


def test_the_price_is_per_second_by_resolution(wan):
    estimate = wan.provider.estimate(wan.request(model="wan3.0-video", resolution=1080, seconds=5))

    assert (estimate.price, estimate.currency, estimate.is_known) == (1_000_000, "USD", True)


# --- pictures of the newer models, where an operator says that they go by an address ---------------------------------


@pytest.fixture
def lending(desk_of, say):
    desk = desk_of(DASHSCOPE)
    desk.fake.media_take_data = False
    say("dashscope", ways={"pictures": "lent"})
    return desk


@pytest.mark.parametrize(
    ("model", "mode"),
    [("wan2.7-i2v", Mode.FIRST_LAST), ("wan2.7-r2v", Mode.REFERENCES), ("wan2.6-i2v", Mode.PICTURE)],
)
def test_an_operator_has_pictures_lent_and_older_models_get_them_inside_as_ever(model, mode, lending):
    request = lending.request(mode, model)
    done = lending.submit(request)

    told = lending.fake.told(lending.fake.tasks[done.task_id])
    pictures = [path for path in (request.start, request.last_frame, *request.references) if path]
    assert told["pictures"] == [path.read_bytes() for path in pictures]
    assert lending.engine.fetches_pictures


def test_data_that_it_does_not_take_is_refused_and_nothing_is_made(lending, say):
    say("dashscope")

    assert fault_of(lambda: lending.submit(lending.request(Mode.PICTURE, "wan2.7-i2v"))).fault == Fault.INVALID
    assert lending.fake.created == [] and not lending.engine.fetches_pictures


def test_a_picture_without_an_address_is_refused_here_in_words(lending):
    request = replace(lending.request(Mode.PICTURE, "wan2.7-i2v"), addresses={})

    assert fault_of(lambda: lending.submit(request)).code == "no_public_address"
    assert lending.fake.calls == []
