"""A drawing that crashes fails its job with a reason; a retry draws as usual."""

import numpy as np
import pytest

from generation.animatic import render as rendering
from generation.animatic.layers import Layer
from jobs import services as jobs


@pytest.mark.django_db
def test_a_crashing_layer_fails_the_job_with_its_name_and_a_retry_succeeds(mika, queue_clips, draw, monkeypatch):
    def redraw(t):
        if t > 0.1:
            raise ZeroDivisionError("no wind")
        return np.zeros((4, 4, 4), np.uint8)

    whole = rendering.build_place
    with monkeypatch.context() as patch:
        kite = Layer("kite", redraw(0), depth=0.5, redraw=redraw)
        patch.setattr(rendering, "build_place", lambda place, stage: [*whole(place, stage), kite])
        clip = draw(queue_clips(mika)[0])

    assert clip.job.state == "failed"
    assert "kite" in clip.job.error_public and "no wind" in clip.job.error_public
    assert not clip.files.exists()

    jobs.retry(clip.job, by=mika)
    clip.refresh_from_db()
    assert draw(clip).job.state == "ready"
