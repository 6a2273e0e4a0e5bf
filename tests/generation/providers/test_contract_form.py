"""Contract of every adapter: every combination that the form offers can be prepared."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product

from generation.providers import input_files
from generation.providers.errors import RemoteError
from generation.providers.http import client


def cache_inputs(harness, monkeypatch):
    """Read models and pictures once and upload each file once, so that thousands of requests are prepared quickly."""
    capabilities = harness.provider.capabilities()
    monkeypatch.setattr(type(harness.provider), "capabilities", lambda self: capabilities)
    for name in ("get", "post"):
        call, answers = getattr(client.HttpClient, name), {}

        def once(self, path, *, _call=call, _answers=answers, **options):
            if path not in _answers:
                _answers[path] = _call(self, path, **options)
            return _answers[path]

        monkeypatch.setattr(client.HttpClient, name, once)
    monkeypatch.setattr(input_files, "encode_base64", cache(input_files.encode_base64))


def offered_requests(harness):
    """Every shape, length, resolution and mode that the form offers together."""
    for capability in harness.provider.capabilities():
        for mode in sorted(capability.modes):
            request = harness.request(mode, capability.model)
            for ratio, seconds, lines in product(capability.ratios, capability.seconds, capability.resolutions):
                changed = replace(request, ratio=ratio, seconds=seconds, resolution=lines)
                if not capability.find_conflicts(changed):
                    yield changed


def test_every_combination_that_the_form_offers_can_be_prepared(harness, monkeypatch):
    cache_inputs(harness, monkeypatch)
    refused = Counter()
    for request in offered_requests(harness):
        try:
            harness.prepare(request, ref="one")
        except RemoteError as error:
            refused[request.model, request.mode, error.detail] += 1
    assert not refused
