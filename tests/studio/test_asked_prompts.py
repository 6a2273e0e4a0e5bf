"""The history of prompts: what was asked in clips and in scenes, once each, as far as the user may see it."""

import pytest

from accounts.viewer import Viewer
from generation.prompts import history
from studio.drawing import services as drawing_services

pytestmark = pytest.mark.django_db


def test_history_lists_clips_and_scenes_once_each(sign_in, mika, ren, create_story, atelier, run_jobs, monkeypatch):
    browser, words = sign_in(mika), {"provider": "animatic", "seconds": 2, "resolution": 480}
    story = create_story(mika, "a girl on a hill", "a dog by the sea", provider="atelier")
    drawing_services.start_run(story=story, by=mika, which="all", idem_key="k")
    run_jobs()
    for n in (1, 2):
        browser.post("/create/", words | {"prompt": "a cat on a roof", "takes": n, "idem_key": f"k{n}"})

    asked, after = history.list_asked(Viewer(mika))
    assert [row.text for row in asked] == ["a cat on a roof", "a dog by the sea", "a girl on a hill"]
    assert after is None
    assert [row.text for row in history.list_asked(Viewer(mika), "SEA dog")[0]] == ["a dog by the sea"]
    assert history.list_asked(Viewer(ren)) == ([], None)

    monkeypatch.setattr(history, "PAGE", 1)
    first = browser.get("/prompts/?tab=history")
    second = browser.get("/prompts/" + first.context["next"])
    assert [[row.text for row in page.context["asked"]] for page in (first, second)] == [
        ["a cat on a roof"], ["a dog by the sea"],
    ]  # fmt: skip
