"""What the chaos benchmark counts as lost and as bought twice, for runs with known results."""

import time
from collections import Counter
from types import SimpleNamespace

import pytest

from benchmarks.chaos import Chaos
from jobs.models import Job, State
from tests.factories import UserFactory
from tests.site_processes import workers

pytestmark = pytest.mark.django_db
CAN_LOOK, CANNOT = "kling", "zhipu"


@pytest.fixture
def run(tmp_path):
    """``run(("kling", "ready", 1), …)``: the figures of a run with these providers, states and numbers of tasks."""

    def figures(*ends, asked=None):
        user, accounts = UserFactory(), {slug: workers.connect(slug, "", {}) for slug in {slug for slug, *_ in ends}}
        books = {slug: [] for slug in accounts}
        for n, (slug, state, films) in enumerate(ends):
            clip = workers.create_clip(
                user, user.workspaces.get(), accounts[slug], f"cat [{n}]", model=MODELS[slug], **SIZE
            )
            Job.objects.filter(pk=clip.job_id).update(state=state)
            books[slug] += [SimpleNamespace(id=f"{n}-{film}", words=f"cat [{n}]") for film in range(films)]
        return _chaos(tmp_path, books, asked or len(ends)).figures()

    return figures


MODELS = {CAN_LOOK: "kling-v2-6", CANNOT: "cogvideox-3"}
SIZE = {"resolution": 1080, "ratio": "16:9"}


def _chaos(folder, books, asked) -> Chaos:
    (folder / "work.log").touch()
    made = Chaos.__new__(Chaos)
    methods = {"read_request": lambda task: {"prompt": task.words}, "stage": lambda _: "succeeded"}
    made.fake_server = SimpleNamespace(
        fakes={slug: SimpleNamespace(created=tasks, **methods) for slug, tasks in books.items()}
    )
    made.callback_sender, made.killed = SimpleNamespace(calls=0, reported=set()), Counter()
    made.jobs, made.folder, made.began = asked, folder, time.monotonic()
    return made


def counts(figures) -> tuple:
    return figures["lost"], figures["double"], figures["unknown"]


def test_ready_clips_are_neither_lost_nor_bought_twice(run):
    assert counts(run((CAN_LOOK, State.READY, 1), (CANNOT, State.READY, 1))) == (0, 0, 0)


@pytest.mark.parametrize("state", [State.FAILED, State.TIMED_OUT, State.LOST_RESULT, State.CANCELLED, State.STUCK])
def test_jobs_that_ended_without_a_clip_are_lost(run, state, capsys):
    assert counts(run((CAN_LOOK, State.READY, 1), (CAN_LOOK, state, 1), (CANNOT, state, 0))) == (2, 0, 0)


def test_unknown_jobs_are_lost_only_where_the_provider_can_be_asked(run, capsys):
    ends = (CAN_LOOK, State.UNKNOWN, 1), (CAN_LOOK, State.UNKNOWN, 0), (CANNOT, State.UNKNOWN, 1)

    assert counts(run(*ends)) == (1, 0, 2)
    assert "LOST: kling, 'cat [0]'" in capsys.readouterr().out


def test_requests_without_a_row_are_lost(run):
    assert counts(run((CAN_LOOK, State.READY, 1), asked=3)) == (2, 0, 0)


def test_tasks_beyond_the_first_are_bought_twice(run):
    assert counts(run((CAN_LOOK, State.READY, 3), (CANNOT, State.UNKNOWN, 2))) == (0, 3, 1)
