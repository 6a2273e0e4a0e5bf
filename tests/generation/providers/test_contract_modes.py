"""Contract of every adapter: inputs that an administrator enables but the adapter cannot send are refused, not dropped.

Inputs are pictures and videos (modes) as well as a seed, a negative prompt and sound.
"""

from dataclasses import replace

import pytest

from generation.providers import catalogue
from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.registry import providers
from tests.generation.providers.contract import CONTRACT

OPTIONS = {
    "seed": ({"seed": 424242}, 424242),
    "negative_prompt": ({"negative_prompt": "rain"}, "rain"),
    "audio": ({"options": {"audio": True}}, True),
}


def test_pictures_of_an_added_mode_arrive_or_the_request_is_refused(entry, build_harness, monkeypatch, subtests):
    for facts in catalogue.built_in_models(entry.slug):
        for mode in sorted(set(Mode) - set(facts["modes"]) - {Mode.WORDS}):
            with subtests.test(model=facts["model"], mode=mode):
                check_added_mode(entry, facts["model"], mode, build_harness, monkeypatch)


def check_added_mode(entry, model, mode, build_harness, monkeypatch):
    shipped = [dict(facts) for facts in catalogue.built_in_models(entry.slug)]
    changed = [facts | {"modes": [*facts["modes"], mode]} if facts["model"] == model else facts for facts in shipped]
    monkeypatch.setattr(catalogue, "list_models", lambda slug: changed)
    harness = build_harness(entry)
    request = replace(harness.request(mode, model), model=model)
    files = [path for path in (request.start, request.last_frame, *request.references) if path]

    try:
        submitted = harness.submit(request)
    except RemoteError as error:
        assert error.fault == Fault.INVALID
        return

    received = harness.fake.read_request(harness.fake.tasks[submitted.task_id])
    assert received.get("pictures", []) == [path.read_bytes() for path in files]
    assert request.video is None or received["video"] == request.video.read_bytes()


def test_model_withdrawn_from_the_catalogue_is_refused_before_anything_is_sent(shared_harness, monkeypatch):
    harness = shared_harness
    request = harness.request()
    left = [facts for facts in catalogue.built_in_models(harness.entry.slug) if facts["model"] != request.model]
    monkeypatch.setattr(catalogue, "list_models", lambda slug: left)

    with pytest.raises(RemoteError) as caught:
        harness.prepare(request)

    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "model")
    assert "is no longer available here" in caught.value.message
    assert harness.fake.calls == []


def test_declared_options_arrive_and_undeclared_ones_do_not(entry, build_harness, monkeypatch, subtests):
    """Tested with a model that has the option, or with any model if only an administrator enables it."""
    for name in OPTIONS:
        with subtests.test(option=name):
            check_option(entry, name, build_harness, monkeypatch)


def check_option(entry, name, build_harness, monkeypatch):
    shipped = sorted(map(dict, catalogue.built_in_models(entry.slug)), key=lambda facts: not facts.get(f"has_{name}"))
    models = [facts | {f"has_{name}": True} for facts in shipped]
    monkeypatch.setattr(catalogue, "list_models", lambda slug: models)
    harness = build_harness(entry)
    choice, expected = OPTIONS[name]

    try:
        submitted = harness.submit(harness.request(**{"negative_prompt": "", **choice}))
        value = harness.fake.read_request(harness.fake.tasks[submitted.task_id]).get(name)
    except RemoteError as error:
        assert error.fault == Fault.INVALID and harness.fake.tasks == {}
        value = "refused"

    assert (value == expected) == (name in harness.provider.supported_settings)
    assert name != "negative_prompt" or value in (expected, "refused"), "the negative prompt was dropped"


def test_no_model_ships_with_an_option_that_its_adapter_cannot_send(subtests):
    for entry in CONTRACT:
        with subtests.test(entry.slug):
            shipped = catalogue.built_in_models(entry.slug)
            assert {name for facts in shipped for name in OPTIONS if facts.get(f"has_{name}")} <= providers()[
                entry.slug
            ].supported_settings
