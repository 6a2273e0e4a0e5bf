"""The chaos benchmark counts lost jobs and tasks that were bought twice."""

import time
from collections import Counter
from types import SimpleNamespace

import pytest

from benchmarks.chaos import Chaos
from jobs.models import Job, State
from tests.factories import UserFactory
from tests.site_processes import workers

pytestmark = pytest.mark.django_db
SEARCHABLE, NOT_SEARCHABLE = "kling", "zhipu"


@pytest.fixture
def get_figures(tmp_path):
    """``get_figures(("kling", "ready", 1), …)`` returns the figures of jobs: provider, state and number of tasks."""

    def figures(*outcomes, requested=None):
        user, connections = (
            UserFactory(),
            {slug: workers.connect(slug, "", {}) for slug in {slug for slug, *_ in outcomes}},
        )
        books = {slug: [] for slug in connections}
        for n, (slug, state, tasks_created) in enumerate(outcomes):
            clip = workers.create_clip(
                user, user.workspaces.get(), connections[slug], f"cat [{n}]", model=MODELS[slug], **SIZE
            )
            Job.objects.filter(pk=clip.job_id).update(state=state)
            books[slug] += [SimpleNamespace(id=f"{n}-{film}", words=f"cat [{n}]") for film in range(tasks_created)]
        return _create_chaos(tmp_path, books, requested or len(outcomes)).figures()

    return figures


MODELS = {SEARCHABLE: "kling-v2-6", NOT_SEARCHABLE: "cogvideox-3"}
SIZE = {"resolution": 1080, "ratio": "16:9"}


def _create_chaos(folder, books, requested) -> Chaos:
    (folder / "work.log").touch()
    created = Chaos.__new__(Chaos)
    methods = {"read_request": lambda task: {"prompt": task.words}, "stage": lambda _: "succeeded"}
    created.fake_server = SimpleNamespace(
        fakes={slug: SimpleNamespace(created=tasks, **methods) for slug, tasks in books.items()}
    )
    created.callback_sender, created.killed = SimpleNamespace(calls=0, reported=set()), Counter()
    created.jobs, created.folder, created.began = requested, folder, time.monotonic()
    return created


def get_counts(figures) -> tuple:
    return figures["lost"], figures["double"], figures["unknown"]


def test_ready_clips_are_neither_lost_nor_bought_twice(get_figures):
    assert get_counts(get_figures((SEARCHABLE, State.READY, 1), (NOT_SEARCHABLE, State.READY, 1))) == (0, 0, 0)


@pytest.mark.parametrize("state", [State.FAILED, State.TIMED_OUT, State.LOST_RESULT, State.CANCELLED, State.STUCK])
def test_jobs_that_ended_without_a_clip_are_lost(get_figures, state, capsys):
    assert get_counts(
        get_figures((SEARCHABLE, State.READY, 1), (SEARCHABLE, state, 1), (NOT_SEARCHABLE, state, 0))
    ) == (2, 0, 0)


def test_unknown_jobs_are_lost_only_where_the_provider_can_be_asked(get_figures, capsys):
    outcomes = (SEARCHABLE, State.UNKNOWN, 1), (SEARCHABLE, State.UNKNOWN, 0), (NOT_SEARCHABLE, State.UNKNOWN, 1)

    assert get_counts(get_figures(*outcomes)) == (1, 0, 2)
    assert "LOST: kling, 'cat [0]'" in capsys.readouterr().out


def test_requests_without_a_row_are_lost(get_figures):
    assert get_counts(get_figures((SEARCHABLE, State.READY, 1), requested=3)) == (2, 0, 0)


def test_tasks_beyond_the_first_are_bought_twice(get_figures):
    assert get_counts(get_figures((SEARCHABLE, State.READY, 3), (NOT_SEARCHABLE, State.UNKNOWN, 2))) == (0, 3, 1)
