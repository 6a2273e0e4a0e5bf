"""Whatever the form lets through can be prepared: no worker refuses for a reason that nobody was told on the page."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product

from generation.providers import input_files
from generation.providers.errors import RemoteError
from generation.providers.http import client


def quicken(desk, monkeypatch):
    """Thousands of wishes in a breath: models and pictures are read once, each file is brought there once."""
    known = desk.engine.capabilities()
    monkeypatch.setattr(type(desk.engine), "capabilities", lambda self: known)
    for name in ("get", "post"):
        plain, answers = getattr(client.Wire, name), {}

        def once(self, path, *, _plain=plain, _answers=answers, **more):
            if path not in _answers:
                _answers[path] = _plain(self, path, **more)
            return _answers[path]

        monkeypatch.setattr(client.Wire, name, once)
    monkeypatch.setattr(input_files, "base64_of", cache(input_files.base64_of))


def wishes(desk):
    """Every shape, length, sharpness and start that the form offers and does not refuse."""
    for able in desk.engine.capabilities():
        for mode in sorted(able.modes):
            usual = desk.request(mode, able.model)
            for ratio, seconds, lines in product(able.ratios, able.seconds, able.resolutions):
                wish = replace(usual, ratio=ratio, seconds=seconds, resolution=lines)
                if not able.reasons_against(wish):
                    yield wish


def test_whatever_the_form_lets_through_can_be_prepared(desk, monkeypatch):
    quicken(desk, monkeypatch)
    refused = Counter()
    for wish in wishes(desk):
        try:
            desk.prepare(wish, ref="one")
        except RemoteError as error:
            refused[wish.model, wish.mode, error.detail] += 1
    assert not refused
