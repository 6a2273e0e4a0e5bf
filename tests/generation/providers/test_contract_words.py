"""What every adapter makes of a status word that an operator taught the studio, and what the admin shows of its own."""

import pytest

from generation.providers.errors import Fault
from generation.providers.remote import Stage

WORD = "Pondering_2031"
NUMBER = 4242


@pytest.fixture
def word(desk):
    if not desk.engine.stages:
        pytest.skip(f"{desk.entry.slug}: no word says how a task stands")
    return NUMBER if any(isinstance(each, int) for each in desk.entry.words) else WORD


@pytest.mark.parametrize("stage", list(Stage))
def test_a_word_that_nobody_knows_is_running_and_once_it_is_taught_it_means_that(stage, word, desk, say):
    done = desk.submit()
    desk.report_status(word)
    assert desk.poll(done).stage == Stage.RUNNING

    say(desk.entry.slug, status_words={str(word): stage.value})
    desk.report_status(word)
    seen = desk.poll(done)

    assert (seen.stage, seen.note) == (stage, "")
    assert (seen.output is not None) == (stage == Stage.SUCCEEDED)
    assert (seen.error is not None) == (stage == Stage.FAILED)
    if stage == Stage.FAILED:
        assert seen.error.fault == Fault.FAILED and seen.error.code


def test_a_taught_success_without_a_film_is_a_failure(word, desk, say):
    say(desk.entry.slug, status_words={str(word): "succeeded"})
    done, sort = desk.submit(), desk.entry.without_film_at
    desk.report_status(word)
    if sort == "poll":
        renamed = desk.fake.fault_said
        without = desk.fake.fault_success_without_url
        desk.fake.fault_said = lambda request, act: renamed(request, lambda: without(request, act))
    else:
        desk.fake.next(sort, "success_without_url")

    seen = desk.poll(done)

    assert (seen.stage, seen.error.fault) == (Stage.FAILED, Fault.FAILED)


def test_what_is_taught_lies_over_the_adapters_own_word_and_capitals_do_not_matter(word, desk, say):
    own = next(each for each in desk.entry.words if desk.entry.words[each] == Stage.RUNNING)
    done = desk.submit()
    say(desk.entry.slug, status_words={str(own).upper(): "cancelled"})
    desk.report_status(own)

    assert desk.poll(done).stage == Stage.CANCELLED


def test_of_another_provider_nothing_is_taught(word, desk, say):
    done = desk.submit()
    say("another", status_words={str(word): "failed"})
    desk.report_status(word)

    assert desk.poll(done).stage == Stage.RUNNING


def test_the_words_that_the_admin_shows_are_those_of_the_note(entry):
    shown = {word.casefold(): stage for word, stage in entry.engine().stages.items()}

    assert shown == {str(word).casefold(): stage for word, stage in entry.words.items()}
