"""What every adapter must do when all goes well, and what it makes of each word of its provider."""

import json
import re
from datetime import date

import pytest

from generation.providers import catalogue
from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import Billing, Recovery, RemoteProvider, Stage, Stopped, Stopping
from tests.generation.providers.contract import CONTRACT


def offers():
    """Every mode of every model of every adapter."""
    for entry in CONTRACT:
        for facts in catalogue.shipped(entry.slug):
            for mode in facts["modes"]:
                yield pytest.param(entry, facts["model"], Mode(mode), id=f"{entry.slug}-{facts['model']}-{mode}")


@pytest.mark.parametrize(("entry", "model", "mode"), list(offers()))
def test_a_clip_is_made_as_it_was_asked_for(entry, model, mode, desk_of, film):
    desk = desk_of(entry)
    request = desk.request(mode, model)
    done = desk.submit(request)
    assert desk.submissions == 1
    (task,) = desk.fake.created
    assert done.task_id == task.id == done.handle["id"]
    assert isinstance(done.task_id, str)
    told = desk.fake.told(task)
    as_asked(told, request, desk.engine.capability(model))
    seen = desk.poll(done)
    assert seen.stage == Stage.SUCCEEDED, seen
    assert desk.fetch(seen.output) == film
    assert len(desk.fake.created) == 1


def as_asked(told, request, able):
    pictures = [path for path in (request.start, request.last_frame, *request.references) if path]
    assert told["prompt"] == request.prompt
    assert told.get("pictures", []) == [path.read_bytes() for path in pictures]
    if request.video:
        assert told["video"] == request.video.read_bytes()
    if "seconds" in told or len(able.seconds) > 1:
        assert told["seconds"] == request.seconds
    if able.has_seed:
        assert told["seed"] == request.seed
    if request.negative_prompt:
        assert told["negative_prompt"] == request.negative_prompt
    if "size" in told:
        width, height = (int(part) for part in request.ratio.split(":"))
        assert told["size"][0] / told["size"][1] == pytest.approx(width / height, rel=0.1)
    elif "ratio" in told or not (able.ratio_follows_picture or len(able.ratios) == 1 or request.video):
        assert told["ratio"] == request.ratio


def test_everything_it_needs_to_poll_is_in_a_handle_of_json_without_secrets(desk):
    done = desk.submit()
    kept = json.dumps(done.handle)
    assert not [secret for secret in desk.secrets if secret in kept]
    assert json.loads(kept) == done.handle
    assert desk.engine.poll(desk.account, json.loads(kept)).stage == Stage.SUCCEEDED


def test_preparing_again_buys_nothing_and_gives_the_same(desk):
    request = desk.request()
    first, ref = desk.prepare(request)
    second, _ = desk.prepare(request, ref)
    assert first.body.keys() == second.body.keys()
    assert (desk.submissions, desk.fake.created) == (0, [])


def test_nothing_of_one_persons_request_is_left_in_the_next(desk):
    """What ships is kept in memory, and workers serve everybody: it is copied before anything is written into it."""
    words = "THEIRS" if desk.engine.capability().has_negative_prompt else ""
    desk.prepare(desk.request(prompt="THEIRS", negative_prompt=words))

    assert "THEIRS" not in repr(desk.prepare(desk.request(negative_prompt=""))[0])


def test_waiting_and_drawing_are_told_apart(desk):
    desk.fake.queued = 3600
    done = desk.submit()
    assert desk.poll(done).stage in (Stage.QUEUED, Stage.RUNNING)
    desk.fake.queued, desk.fake.running = 0, 3600
    assert desk.poll(done).stage == Stage.RUNNING
    desk.fake.running = 0
    assert desk.poll(done).stage == Stage.SUCCEEDED


@pytest.mark.parametrize(
    ("entry", "word", "stage"),
    [
        pytest.param(entry, word, stage, id=f"{entry.slug}-{word}")
        for entry in CONTRACT
        for word, stage in entry.words.items()
    ],
)
def test_each_status_word_means_what_the_note_says(entry, word, stage, desk_of):
    desk = desk_of(entry)
    done = desk.submit()
    desk.say(word)
    seen = desk.poll(done)
    assert seen.stage == stage
    assert (seen.output is not None) == (stage == Stage.SUCCEEDED)
    assert (seen.error is not None) == (stage == Stage.FAILED)


def test_an_unknown_status_word_is_drawing_and_is_noted(desk):
    done = desk.submit()
    word = 4242 if any(isinstance(each, int) for each in desk.entry.words) else "pondering_2031"
    desk.say(word)
    seen = desk.poll(done)
    assert (seen.stage, seen.note) == (Stage.RUNNING, str(word))


def test_done_without_a_film_is_a_failure(desk):
    done = desk.submit()
    desk.fake.next(desk.entry.without_film_at, "success_without_url")
    seen = desk.poll(done)
    assert seen.stage == Stage.FAILED
    assert (seen.error.fault, seen.error.code) == (Fault.FAILED, "no_film")


@pytest.mark.parametrize(("ends", "fault"), [("failed", Fault.FAILED), ("moderated", Fault.MODERATION)])
def test_a_bad_end_is_told_apart(ends, fault, desk):
    done = desk.submit()
    desk.fake.tasks[done.task_id].ends = ends
    seen = desk.poll(done)
    assert seen.stage == Stage.FAILED
    assert seen.error.fault == fault, seen.error


def test_a_task_that_vanished_is_lost(desk):
    done = desk.submit()
    desk.fake.tasks[done.task_id].is_gone = True
    with pytest.raises(RemoteError) as caught:
        desk.poll(done)
    assert caught.value.fault == Fault.LOST


def test_its_ways_with_money_are_those_of_its_note(entry):
    told = entry.engine().manners
    said = (told.recovery, told.absence_is_proof, told.busy_never_creates, told.billing, told.stopping)
    assert said == entry.manners


def test_it_says_how_far_it_is_where_it_declares_to(desk):
    desk.fake.running = 3600
    seen = desk.poll(desk.submit())
    assert seen.stage == Stage.RUNNING
    assert (seen.progress is not None) == desk.engine.manners.has_progress


def test_a_finished_task_cannot_be_stopped(desk):
    done = desk.submit()
    before = len(desk.fake.calls)
    answer = desk.engine.cancel(desk.account, done.handle)
    if desk.engine.manners.stopping == Stopping.NONE:
        assert (answer, len(desk.fake.calls)) == (Stopped.UNSUPPORTED, before)
    else:
        assert answer == Stopped.TOO_LATE
        assert not desk.fake.tasks[done.task_id].is_cancelled


@pytest.mark.parametrize("where", ["queued", "running"])
def test_it_is_stopped_where_the_provider_can(where, desk):
    manners = desk.engine.manners
    if manners.stopping == Stopping.NONE:
        pytest.skip(f"{desk.entry.slug} cannot stop anything")
    setattr(desk.fake, where, 3600)
    done = desk.submit()
    answer = desk.engine.cancel(desk.account, done.handle)
    is_possible = where == "queued" or manners.stopping == Stopping.ANY
    assert answer in ((Stopped.DONE, Stopped.REQUESTED) if is_possible else (Stopped.TOO_LATE,))
    if is_possible:
        assert desk.end_of(done) in ("cancelled", "failed", "lost")


def test_a_good_key_is_told_from_a_wrong_one(desk, desk_of):
    assert desk.engine.check(desk.account)
    assert {call.method for call in desk.fake.calls} == {"GET"} and not desk.fake.created, "it costs nothing"
    assert desk.submissions == 0
    if not desk.entry.has_wrong_key:
        return
    secret = {each.name for each in desk.engine.key_fields if each.is_secret}
    keys = {name: "wrong-key-00000000" if name in secret else value for name, value in desk.account.keys.items()}
    stranger = desk_of(desk.entry, keys=keys)
    with pytest.raises(RemoteError) as caught:
        stranger.engine.check(stranger.account)
    assert caught.value.fault == Fault.AUTH


def test_every_price_that_ships_says_of_which_day_it_is():
    rows = [
        (entry.slug, facts["model"], row)
        for entry in CONTRACT
        for facts in catalogue.shipped(entry.slug)
        for row in facts.get("price", ())
    ]
    assert rows and [row for row in rows if not isinstance(row[2].get("dated"), date)] == []


def test_prices_ship_where_the_notes_have_them_from_a_table_and_not_where_they_are_from_memory():
    """A day beside a price says that somebody looked; nobody has looked at what was remembered."""
    shipped = {entry.slug: catalogue.shipped(entry.slug) for entry in CONTRACT}
    with_price = {slug for slug, models in shipped.items() if any(facts.get("price") for facts in models)}

    assert with_price == {"fal", "runway", "dashscope", "ark", "minimax-v2", "gemini"}


def test_it_introduces_itself(desk):
    engine = desk.engine
    assert isinstance(engine, RemoteProvider)
    assert engine.slug == desk.entry.slug == desk.fake.slug
    assert str(engine.label)
    assert re.search(r"[a-z]", str(engine.byline))
    assert isinstance(engine.manners.recovery, Recovery)
    assert isinstance(engine.manners.billing, Billing)
    names = [each.name for each in engine.key_fields]
    assert len(names) == len(set(names))
    for able in engine.capabilities():
        assert able.modes and able.ratios and able.seconds and able.resolutions
        assert (able.references_most > 0) == (Mode.REFERENCES in able.modes)
        assert engine.estimate(desk.request(model=able.model)).price >= 0
