"""Labels of unfinished work name its real state."""

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from jobs.models import Job, State
from studio.timeline.board import Panel


@pytest.mark.parametrize(
    ("state", "is_queued", "css_class", "label"),
    [
        (State.QUEUED, None, "wait", "Waiting"),
        (State.RUNNING, True, "wait", "Waiting"),
        (State.RUNNING, False, "work", "Drawing"),
        (State.FETCHING, False, "work", "Downloading"),
    ],
)
def test_a_scene_queued_at_a_provider_is_shown_as_waiting(state, is_queued, css_class, label):
    job = Job(kind="clip_elsewhere", state=state, is_queued_at_provider=is_queued)
    take = SimpleNamespace(clip=SimpleNamespace(job=job))
    scene = SimpleNamespace(characters=SimpleNamespace(all=list))
    panel = SimpleNamespace(
        current_take=take, scene=scene, is_busy=True, state=Panel.state.func(SimpleNamespace(current_take=take))
    )

    html = render_to_string("studio/_panel.html#state", {"panel": panel})

    assert panel.state == css_class
    assert f'<span class="tag {css_class}">' in html and f"{label}</span>" in html


def test_a_film_being_rendered_is_not_called_drawn():
    film, other = (SimpleNamespace(pk=n, seconds=2, is_ready=False, get_absolute_url=lambda: "/") for n in (1, 2))
    other.job = Job(kind="film", state=State.RUNNING)

    html = render_to_string("studio/film_page.html#versions", {"film": film, "films": [film, other]})

    assert "Merging</span>" in html and "Drawing</span>" not in html
