"""Apps contribute under unique names, and upper apps come last."""

import pytest

from common import hooks
from common.hooks import AppHooks


@pytest.fixture(autouse=True)
def one_app(monkeypatch):
    monkeypatch.setattr(hooks, "_registered", {})
    hooks.register(AppHooks(app="low", periodic_tasks={"clean": min}, slots={"nav": [min]}))


def test_two_apps_cannot_register_the_same_name():
    with pytest.raises(ValueError, match="low and high both register periodic_tasks clean"):
        hooks.register(AppHooks(app="high", periodic_tasks={"clean": max}))


def test_fields_of_all_apps_are_merged_lowest_app_first():
    hooks.register(AppHooks(app="high", periodic_tasks={"purge": max}, slots={"nav": [max]}))

    assert list(hooks.merged("periodic_tasks")) == ["clean", "purge"]
    assert list(hooks.values_of("slots")) == [{"nav": [min]}, {"nav": [max]}]
    assert list(hooks.values_of("avatar_link")) == []
