"""What is peculiar to Ark; what every provider must do stands in test_contract.py."""

import json
import time
from dataclasses import replace

import pytest

from generation.providers.adapters.ark.provider import ArkProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault
from generation.providers.remote import Event, Search, Stage, Stopped
from tests.fakes.ark import ArkFake
from tests.fakes.server import Reply
from tests.generation.providers.losing import lose
from tests.generation.providers.talking import REF, fault_of, talking

OTHER = "5f0c1f6e-0000-4000-8000-000000000002"


@pytest.fixture
def ark(town, shipped_models, tmp_path):
    return talking(ArkProvider(), ArkFake(b"film"), town, tmp_path)


def test_each_picture_says_which_frame_it_is(ark):
    ark.send(Mode.FIRST_LAST)
    ark.send(Mode.REFERENCES)

    frames, references = ([each.get("role") for each in task.request["content"]] for task in ark.fake.created)
    assert frames == [None, "first_frame", "last_frame"]
    assert references == [None, "reference_image", "reference_image"]


@pytest.mark.parametrize(
    ("model", "resolution", "said"),
    [("dreamina-seedance-2-0-260128", 1080, "1080p"), ("doubao-seedance-2-0-260128", 2160, "4k")],
)
def test_size_seed_and_sound_stand_at_the_top(model, resolution, said, ark):
    ark.send(model=model, resolution=resolution, options={"audio": True}, seed=2**31 - 1, ratio="21:9")

    asked = ark.fake.created[0].request
    assert (asked["resolution"], asked["ratio"], asked["seed"]) == (said, "21:9", 2**31 - 1)
    assert asked["generate_audio"] is True


def test_silence_is_asked_for_where_sound_is_the_habit(ark):
    ark.send()
    ark.send(model="seedance-1-0-pro-250528")

    new, old = (task.request for task in ark.fake.created)
    assert (new["generate_audio"], "generate_audio" in old) == (False, False)


@pytest.mark.parametrize(
    ("status", "code", "at_submit", "at_poll"),
    [
        (400, "InputImageSensitiveContentDetected.PrivacyInformation", Fault.MODERATION, Fault.MODERATION),
        (400, "SensitiveContentDetected.Violence", Fault.MODERATION, Fault.MODERATION),
        (400, "InputTextRiskDetection", Fault.MODERATION, Fault.MODERATION),
        (400, "ContentSecurityDetectionError", Fault.FAILED, Fault.FAILED),
        (400, "InvalidEndpoint.ClosedEndpoint", Fault.INVALID, Fault.LOST),
        (404, "InvalidEndpointOrModel.NotFound", Fault.INVALID, Fault.LOST),
        (404, "ModelNotOpen", Fault.AUTH, Fault.AUTH),
        (403, "OperationDenied.ServiceOverdue", Fault.AUTH, Fault.AUTH),
        (403, "AccountOverdueError", Fault.QUOTA, Fault.QUOTA),
        (429, "AccountQuotaExceeded", Fault.QUOTA, Fault.QUOTA),
        (429, "QuotaExceeded", Fault.TRANSIENT, Fault.TRANSIENT),
        (429, "ModelAccountRpmRateLimitExceeded", Fault.TRANSIENT, Fault.TRANSIENT),
        (429, "ServerOverloaded", Fault.TRANSIENT, Fault.TRANSIENT),
        (429, "", Fault.UNKNOWN, Fault.TRANSIENT),
        (503, "ServerOverloaded", Fault.UNKNOWN, Fault.TRANSIENT),  # whoever says 5xx may have asked for it already
        (500, "InternalServiceError", Fault.UNKNOWN, Fault.TRANSIENT),
    ],
)
def test_the_names_of_errors_tell_their_class(status, code, at_submit, at_poll, ark):
    done = ark.send()
    ark.fake.fault_named = lambda request, act: Reply(status, {"error": {"code": code, "message": "no"}})
    ark.fake.next("submit", "named")
    ark.fake.next("poll", "named")

    assert ark.refused().fault == at_submit
    assert fault_of(lambda: ark.provider.poll(ark.account, done.handle)).fault == at_poll


def test_what_it_cost_there_is_noted_in_tokens(ark):
    done = ark.send()

    assert ark.provider.poll(ark.account, done.handle).cost == "108900 tokens"


def test_a_finished_film_is_not_forgotten_by_trying_to_stop_it(ark):
    done = ark.send()

    assert ark.provider.cancel(ark.account, done.handle) == Stopped.TOO_LATE
    assert [call.method for call in ark.fake.calls] == ["POST", "GET"]
    assert ark.provider.poll(ark.account, done.handle).stage == Stage.SUCCEEDED


def test_one_that_begins_while_it_is_stopped_goes_on(ark):
    ark.fake.queued = 60
    done = ark.send()
    ark.fake.fault_begins = lambda request, act: begun(ark.fake, act)
    ark.fake.next("poll", "begins")

    assert ark.provider.cancel(ark.account, done.handle) == Stopped.TOO_LATE
    assert ark.fake.calls[-1].method == "DELETE"
    assert not ark.fake.created[0].is_cancelled


def begun(fake, act):
    reply = act()
    fake.queued, fake.running = 0, 60
    return reply


@pytest.mark.parametrize("change", [{"seed": 8}, {"seconds": 10}, {"resolution": 480}, {"ago": 400}, {"ago": -400}])
def test_a_foreign_task_of_another_seed_length_size_or_minute_is_not_taken_for_ours(change, ark):
    ark.send(**{name: value for name, value in change.items() if name != "ago"})
    ark.fake.created[0].notes["created_at"] -= change.get("ago", 0)
    lost, task = lose(ark)
    task.is_gone = True

    assert ark.provider.find(ark.account, lost) == Search.ABSENT


def test_a_lost_task_is_found_by_its_seed_behind_a_page_of_others(ark):
    lost, task = lose(ark)
    for n in range(120):
        other = ark.fake.create({"model": "m", "content": [], "seed": 1000 + n})
        other.notes["created_at"] = int(time.time())

    assert ark.provider.find(ark.account, lost).task_id == task.id


def test_a_list_that_does_not_end_proves_nothing(ark):
    lost, task = lose(ark)
    task.is_gone = True
    for n in range(501):
        other = ark.fake.create({"model": "m", "content": [], "seed": 1000 + n})
        other.notes["created_at"] = int(time.time())

    assert ark.provider.find(ark.account, lost) == Search.UNDECIDED


@pytest.mark.parametrize("row", [None, "cgt-1", {}])
def test_a_row_that_names_no_task_proves_nothing(row, ark):
    lost, task = lose(ark)
    task.is_gone = True

    def odd(request, act):
        reply = act()
        reply.body["items"] = [row]
        return reply

    ark.fake.fault_odd = odd
    ark.fake.next("look", "odd")

    assert ark.provider.find(ark.account, lost) == Search.UNDECIDED
    assert ark.provider.find(ark.account, lost) == Search.ABSENT


def test_ours_without_an_id_proves_nothing(ark):
    lost, task = lose(ark)
    task.id = ""

    assert ark.provider.find(ark.account, lost) == Search.UNDECIDED


# --- our own name of a request, where an operator has it sent --------------------------------------------------------


@pytest.fixture
def named(ark, say):
    say("ark", ways={"safety_identifier": "reference"})
    return ark


def test_no_name_of_ours_is_sent_unless_an_operator_says_so(ark, say):
    ark.send()
    say("ark", ways={"safety_identifier": "reference"})
    ark.send()

    before, after = (task.request for task in ark.fake.created)
    assert "safety_identifier" not in before
    assert after["safety_identifier"] == REF and len(REF) <= 64


def test_a_lost_task_is_found_by_our_name_among_twins_of_the_same_seed(named):
    named.send(ref=OTHER)
    lost, task = lose(named)

    assert named.provider.find(named.account, lost).task_id == task.id
    task.is_gone = True
    assert named.provider.find(named.account, lost) == Search.ABSENT, "the twin bears another's name"


def test_where_the_list_does_not_tell_the_name_back_the_seed_is_matched(named):
    named.fake.echoes_names = False
    lost, task = lose(named)

    assert named.provider.find(named.account, lost).task_id == task.id


def test_what_was_sent_without_a_name_is_found_by_its_seed_whatever_name_a_gateway_gives_it(ark):
    lost, task = lose(ark)
    task.request["safety_identifier"] = "all-of-this-gateway"

    assert ark.provider.find(ark.account, lost).task_id == task.id


def test_a_callback_names_the_task_and_nothing_else_is_read(ark):
    ark.account = replace(ark.account, webhook="https://studio.example/hooks/x/")
    done = ark.send()

    assert ark.fake.created[0].request["callback_url"] == f"https://studio.example/hooks/x/?ref={REF}"
    told = ark.fake.callback(ark.fake.created[0]) | {"content": {"video_url": "https://evil.example"}}
    assert ark.provider.event(ark.account, {}, json.dumps(told).encode()) == Event(done.task_id)


def test_prices_are_known_in_china_and_not_made_up_elsewhere(ark):
    china = ark.provider.estimate(ark.request(model="doubao-seedance-2-5-260628", resolution=1080, seconds=10))
    abroad = ark.provider.estimate(ark.request(model="dreamina-seedance-2-0-260128"))

    assert (china.price, china.is_known, abroad.is_known) == (5_350_000, True, False)
