"""Seed, what to leave out, sound: what an adapter says that it can tell arrives, and of all else no form may ask."""

import pytest

from generation.providers import catalogue
from generation.providers.errors import Fault, RemoteError
from generation.providers.registry import providers
from tests.generation.providers.contract import CONTRACT

WISHES = {
    "seed": ({"seed": 424242}, 424242),
    "negative_prompt": ({"negative_prompt": "rain"}, "rain"),
    "audio": ({"options": {"audio": True}}, True),
}
EACH = [pytest.param(entry, name, id=f"{entry.slug}-{name}") for entry in CONTRACT for name in WISHES]


@pytest.mark.parametrize(("entry", "name"), EACH)
def test_what_a_model_is_said_to_take_arrives_or_its_provider_does_not_declare_it(entry, name, desk_of, monkeypatch):
    """Of a model that takes it where there is one; of any where an operator alone says so."""
    shipped = sorted(map(dict, catalogue.shipped(entry.slug)), key=lambda facts: not facts.get(f"has_{name}"))
    able = [facts | {f"has_{name}": True} for facts in shipped]
    monkeypatch.setattr(catalogue, "models", lambda slug: able)
    desk = desk_of(entry)
    wish, expected = WISHES[name]

    try:
        done = desk.submit(desk.request(**{"negative_prompt": "", **wish}))
        told = desk.fake.told(desk.fake.tasks[done.task_id]).get(name)
    except RemoteError as error:
        assert error.fault == Fault.INVALID and desk.fake.tasks == {}
        told = "refused"

    assert (told == expected) == (name in desk.engine.tells)
    assert name != "negative_prompt" or told in (expected, "refused"), "words about what to leave out were dropped"


@pytest.mark.parametrize("slug", sorted(entry.slug for entry in CONTRACT))
def test_no_model_ships_with_what_its_adapter_cannot_tell(slug):
    engine = providers()[slug]
    told = {name for facts in catalogue.shipped(slug) for name in WISHES if facts.get(f"has_{name}")}

    assert told <= engine.tells
