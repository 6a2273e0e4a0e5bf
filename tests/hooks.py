"""Replace what the apps contribute, for one test."""

from dataclasses import replace

from common import hooks


def use_only(monkeypatch, **fields):
    """Clear these fields of all apps' hooks and set them to the given values."""
    empty = hooks.AppHooks(app="only these")
    cleared = {name: getattr(empty, name) for name in fields}
    registered = {app: replace(hooks_of_app, **cleared) for app, hooks_of_app in hooks._registered.items()}
    monkeypatch.setattr(hooks, "_registered", registered | {empty.app: replace(empty, **fields)})
