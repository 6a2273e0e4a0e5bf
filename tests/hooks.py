"""Replace or add what the apps contribute, for one test."""

from dataclasses import replace

from common import hooks


def use_only(monkeypatch, kind, **fields):
    """Clear these fields of all apps' contributions of a class of hooks, and set them to the given values."""
    own = kind()
    cleared = {name: getattr(own, name) for name in fields}
    apps = {app: replace(contribution, **cleared) for app, contribution in hooks._registered.get(kind, {}).items()}
    monkeypatch.setitem(hooks._registered, kind, apps | {"only these": replace(own, **fields)})


def register_for_test(monkeypatch, contribution):
    """Add a contribution of an app "test"."""
    monkeypatch.setitem(hooks._registered.setdefault(type(contribution), {}), "test", contribution)
