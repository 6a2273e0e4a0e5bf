"""Apps contribute under unique names, and upper apps come last."""

import pytest

from common import hooks
from common.hooks import SiteHooks


@pytest.fixture(autouse=True)
def one_app(monkeypatch):
    monkeypatch.setattr(hooks, "_registered", {})
    hooks.register("low", SiteHooks(periodic_tasks={"clean": min}, slots={"nav": [min]}))


def test_two_apps_cannot_register_the_same_name():
    with pytest.raises(ValueError, match="low and high both register periodic_tasks clean"):
        hooks.register("high", SiteHooks(periodic_tasks={"clean": max}))


def test_fields_of_all_apps_are_merged_lowest_app_first():
    hooks.register("high", SiteHooks(periodic_tasks={"purge": max}, slots={"nav": [max]}))

    assert list(SiteHooks.merged("periodic_tasks")) == ["clean", "purge"]
    assert list(SiteHooks.values_of("slots")) == [{"nav": [min]}, {"nav": [max]}]
    assert list(SiteHooks.values_of("run_soon")) == []
