"""What every adapter makes of answers that come late, and of films that are larger than any or lie inside."""

import pytest

from generation.providers.errors import Fault, RemoteError
from generation.providers.http import client
from generation.providers.remote import Stage

MEGABYTE = 1 << 20


def test_a_fault_of_what_a_fake_does_not_have_is_no_silent_success(desk):
    with pytest.raises(ValueError, match="pole"):
        desk.fake.next("pole", "auth")


def test_answers_that_come_late_are_as_good_as_others(desk, film):
    for sort in ("submit", "poll", "film"):
        desk.fake.next(sort, "slow")
    done = desk.submit()
    seen = desk.poll(done)
    assert seen.stage == Stage.SUCCEEDED, seen
    assert desk.fetch(seen.output) == film
    assert (desk.submissions, len(desk.fake.created)) == (1, 1)
    assert not any(desk.fake.faults.values()), "it was never slow"


def test_a_film_announced_larger_than_any_is_refused_before_any_of_it_is_kept(desk, film):
    assert _kept_of_refused(desk, "huge") == 0
    assert desk.fetch(desk.poll(desk.submit()).output) == film  # and nothing of it is in the way of the next


def test_a_film_that_does_not_end_is_refused_where_films_must_end(desk, monkeypatch):
    monkeypatch.setattr(client, "FILE_LIMIT", MEGABYTE)
    assert _kept_of_refused(desk, "endless") <= MEGABYTE


@pytest.mark.parametrize("kind", ["redirect_inside", "redirect_home", "redirect_file"])
def test_a_film_that_is_said_to_lie_inside_our_network_is_not_fetched(kind, desk, film):
    seen = desk.poll(desk.submit())
    desk.fake.next("film", kind)
    with pytest.raises(RemoteError) as caught:
        desk.fetch(seen.output)
    assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
    assert not (desk.folder / "fetched.mp4").exists()
    assert desk.fetch(seen.output) == film


def _kept_of_refused(desk, kind) -> int:
    """How many bytes lie on the disk after a film was refused for its size."""
    seen = desk.poll(desk.submit())
    desk.fake.next("film", kind)
    with pytest.raises(RemoteError) as caught:
        desk.fetch(seen.output)
    assert (caught.value.fault, caught.value.code) == (Fault.LOST, "too_large")
    return (desk.folder / "fetched.mp4").stat().st_size
