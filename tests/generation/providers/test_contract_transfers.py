"""Video transfers, on two adapters: slow and broken transfers, expired links, size limits and private addresses."""

import pytest

from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import client
from generation.providers.remote import Stage
from tests.fakes.server import Reply

MEGABYTE = 1 << 20


def test_slow_answers_are_accepted(shared_harness, video_bytes):
    harness = shared_harness
    for route in ("submit", "poll", "video"):
        harness.fake.next(route, "slow")
    snapshot = harness.poll(harness.submit())
    assert snapshot.stage == Stage.SUCCEEDED, snapshot
    assert harness.fetch(snapshot.output) == video_bytes
    assert (harness.submissions, len(harness.fake.created)) == (1, 1)
    assert not any(harness.fake.faults.values()), "no answer was slow"


def test_expired_video_link_is_lost_and_the_next_poll_gives_a_new_one(shared_harness, video_bytes, subtests):
    harness = shared_harness
    submitted = harness.submit()
    for kind in ("expired", "gone"):
        with subtests.test(kind=kind):
            harness.fake.next("video", kind)
            with pytest.raises(RemoteError) as caught:
                harness.fetch(harness.poll(submitted).output)
            assert caught.value.fault == Fault.LOST
            assert harness.fetch(harness.poll(submitted).output) == video_bytes


def test_broken_transfer_can_be_repeated(shared_harness, video_bytes):
    harness = shared_harness
    snapshot = harness.poll(harness.submit())
    harness.fake.next("video", "cut", "html_502", "cut_short")
    harness.fake.fault_cut_short = lambda request, act: Reply(
        200, video_bytes[:99], {"Content-Length": str(len(video_bytes)), "Connection": "close"}
    )
    for _ in range(3):
        with pytest.raises(NoAnswer):
            harness.fetch(snapshot.output)
    assert harness.fetch(snapshot.output) == video_bytes


def test_video_announced_as_too_large_is_refused_before_download(shared_harness, video_bytes):
    assert fetch_refused_video(shared_harness, "huge") == 0
    assert shared_harness.fetch(shared_harness.poll(shared_harness.submit()).output) == video_bytes


def test_endless_video_is_refused_at_the_size_limit(shared_harness, monkeypatch):
    monkeypatch.setattr(client, "FILE_LIMIT", MEGABYTE)
    assert fetch_refused_video(shared_harness, "endless") <= MEGABYTE


def fetch_refused_video(harness, kind) -> int:
    snapshot = harness.poll(harness.submit())
    harness.fake.next("video", kind)
    with pytest.raises(RemoteError) as caught:
        harness.fetch(snapshot.output)
    assert (caught.value.fault, caught.value.code) == (Fault.LOST, "too_large")
    return (harness.folder / "fetched.mp4").stat().st_size


def test_redirect_to_a_private_address_is_not_followed(shared_harness, video_bytes, subtests):
    harness = shared_harness
    snapshot = harness.poll(harness.submit())
    for kind in ("redirect_inside", "redirect_home", "redirect_file"):
        with subtests.test(kind=kind):
            harness.fake.next("video", kind)
            with pytest.raises(RemoteError) as caught:
                harness.fetch(snapshot.output)
            assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
            assert not (harness.folder / "fetched.mp4").exists()
    assert harness.fetch(snapshot.output) == video_bytes
