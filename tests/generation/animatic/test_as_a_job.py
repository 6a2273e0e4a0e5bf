"""What a worker makes of a drawing that goes wrong: the job says why, and the next one is drawn as ever."""

import numpy as np
import pytest

from generation.animatic import render as rendering
from generation.animatic.layers import Layer
from jobs import services as jobs


@pytest.mark.django_db
def test_one_layer_that_crashes_is_a_failed_job_that_names_it_and_can_be_tried_again(mika, ask, draw, monkeypatch):
    def redraw(t):
        if t > 0.1:
            raise ZeroDivisionError("no wind")
        return np.zeros((4, 4, 4), np.uint8)

    whole = rendering.compose
    with monkeypatch.context() as patch:
        kite = Layer("kite", redraw(0), depth=0.5, redraw=redraw)
        patch.setattr(rendering, "compose", lambda place, stage: [*whole(place, stage), kite])
        clip = draw(ask(mika)[0])

    assert clip.job.state == "failed"
    assert "kite" in clip.job.error_public and "no wind" in clip.job.error_public
    assert not clip.files.exists()

    jobs.retry(clip.job, by=mika)
    clip.refresh_from_db()
    assert draw(clip).job.state == "ready"
