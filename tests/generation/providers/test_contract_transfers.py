"""Film transfers, on two adapters: slow answers, broken transfers, expired links, size limits and private addresses."""

import pytest

from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import client
from generation.providers.remote import Stage
from tests.fakes.server import Reply

MEGABYTE = 1 << 20


def test_fake_refuses_a_fault_for_a_route_that_it_does_not_have(shared_desk):
    with pytest.raises(ValueError, match="pole"):
        shared_desk.fake.next("pole", "auth")


def test_slow_answers_are_accepted(shared_desk, film):
    desk = shared_desk
    for route in ("submit", "poll", "video"):
        desk.fake.next(route, "slow")
    snapshot = desk.poll(desk.submit())
    assert snapshot.stage == Stage.SUCCEEDED, snapshot
    assert desk.fetch(snapshot.output) == film
    assert (desk.submissions, len(desk.fake.created)) == (1, 1)
    assert not any(desk.fake.faults.values()), "no answer was slow"


def test_expired_film_link_is_lost_and_the_next_poll_gives_a_new_one(shared_desk, film, subtests):
    desk = shared_desk
    submitted = desk.submit()
    for kind in ("expired", "gone"):
        with subtests.test(kind=kind):
            desk.fake.next("video", kind)
            with pytest.raises(RemoteError) as caught:
                desk.fetch(desk.poll(submitted).output)
            assert caught.value.fault == Fault.LOST
            assert desk.fetch(desk.poll(submitted).output) == film


def test_broken_transfer_can_be_repeated(shared_desk, film):
    desk = shared_desk
    snapshot = desk.poll(desk.submit())
    desk.fake.next("video", "cut", "html_502", "cut_short")
    desk.fake.fault_cut_short = lambda request, act: Reply(
        200, film[:99], {"Content-Length": str(len(film)), "Connection": "close"}
    )
    for _ in range(3):
        with pytest.raises(NoAnswer):
            desk.fetch(snapshot.output)
    assert desk.fetch(snapshot.output) == film


def test_film_announced_as_too_large_is_refused_before_download(shared_desk, film):
    assert bytes_kept_of_refused_film(shared_desk, "huge") == 0
    assert shared_desk.fetch(shared_desk.poll(shared_desk.submit()).output) == film


def test_endless_film_is_refused_at_the_size_limit(shared_desk, monkeypatch):
    monkeypatch.setattr(client, "FILE_LIMIT", MEGABYTE)
    assert bytes_kept_of_refused_film(shared_desk, "endless") <= MEGABYTE


def bytes_kept_of_refused_film(desk, kind) -> int:
    snapshot = desk.poll(desk.submit())
    desk.fake.next("video", kind)
    with pytest.raises(RemoteError) as caught:
        desk.fetch(snapshot.output)
    assert (caught.value.fault, caught.value.code) == (Fault.LOST, "too_large")
    return (desk.folder / "fetched.mp4").stat().st_size


def test_redirect_to_a_private_address_is_not_followed(shared_desk, film, subtests):
    desk = shared_desk
    snapshot = desk.poll(desk.submit())
    for kind in ("redirect_inside", "redirect_home", "redirect_file"):
        with subtests.test(kind=kind):
            desk.fake.next("video", kind)
            with pytest.raises(RemoteError) as caught:
                desk.fetch(snapshot.output)
            assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
            assert not (desk.folder / "fetched.mp4").exists()
    assert desk.fetch(snapshot.output) == film
