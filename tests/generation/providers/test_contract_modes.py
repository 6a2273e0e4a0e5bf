"""What an operator lets a model start from and its adapter has no words for is refused: no picture is left out."""

from dataclasses import replace

import pytest

from generation.providers import catalogue
from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from tests.generation.providers.contract import CONTRACT


def added():
    """Each model with each mode that it does not ship with."""
    for entry in CONTRACT:
        for facts in catalogue.shipped(entry.slug):
            for mode in set(Mode) - set(facts["modes"]) - {Mode.WORDS}:
                yield pytest.param(entry, facts["model"], mode, id=f"{entry.slug}-{facts['model']}-{mode}")


@pytest.mark.parametrize(("entry", "model", "mode"), sorted(added(), key=lambda each: each.id))
def test_pictures_of_a_mode_that_was_added_arrive_or_nothing_is_made(entry, model, mode, desk_of, monkeypatch):
    shipped = [dict(facts) for facts in catalogue.shipped(entry.slug)]
    told = [facts | {"modes": [*facts["modes"], mode]} if facts["model"] == model else facts for facts in shipped]
    monkeypatch.setattr(catalogue, "models", lambda slug: told)
    desk = desk_of(entry)
    request = replace(desk.request(mode, model), model=model)
    files = [path for path in (request.start, request.last_frame, *request.references) if path]

    try:
        done = desk.submit(request)
    except RemoteError as error:
        assert error.fault == Fault.INVALID
        return

    said = desk.fake.told(desk.fake.tasks[done.task_id])
    assert said.get("pictures", []) == [path.read_bytes() for path in files]
    assert request.video is None or said["video"] == request.video.read_bytes()


def test_a_model_that_was_withdrawn_since_is_refused_in_words_and_nothing_is_sent(desk, monkeypatch):
    request = desk.request()
    left = [facts for facts in catalogue.shipped(desk.entry.slug) if facts["model"] != request.model]
    monkeypatch.setattr(catalogue, "models", lambda slug: left)

    with pytest.raises(RemoteError) as caught:
        desk.prepare(request)

    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "model")
    assert "is not offered here any more" in caught.value.words
    assert desk.fake.calls == []
