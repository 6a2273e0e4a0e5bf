"""Parse JSON from outside safely."""

import json

import pytest

from common import safe_json
from generation.providers.http.client import Answer
from generation.providers.parsing import parse_callback, read_challenge
from generation.providers.remote import Forged
from studio.director.prompts import CONCEPT, InvalidResponse, parse_response

DEEP = "[" * 1500 + "]" * 1500  # json.loads accepts this; recursive code would fail


def test_non_finite_numbers_become_null():
    value = safe_json.parse('{"id": "task-1", "cost": 1e400, "left": [-1e999, NaN, Infinity], "n": 2.5, "m": 12}')

    assert value == {"id": "task-1", "cost": None, "left": [None] * 3, "n": 2.5, "m": 12}
    json.dumps(value, allow_nan=False)


@pytest.mark.parametrize(
    "content", ["", "{", DEEP, '{"a":' * 300 + "1" + "}" * 300, "[" * 100_000, b"\xff\xfe"], ids=len
)
def test_invalid_or_deeply_nested_json_is_refused(content):
    with pytest.raises(ValueError):
        safe_json.parse(content)


def test_provider_and_model_responses_use_safe_json():
    assert Answer(200, {}, DEEP.encode()).json() is None
    assert Answer(200, {}, b'{"id": "one", "progress": 1e400}').json() == {"id": "one", "progress": None}
    with pytest.raises(Forged):
        parse_callback(f'{{"id": {DEEP}}}'.encode())
    with pytest.raises(InvalidResponse):
        parse_response(CONCEPT, f'{{"concept": "a boat", "more": {DEEP}}}')
    assert read_challenge(f'{{"challenge": {DEEP}}}'.encode()) is None
