"""Meaning of an HTTP status without a known error code: on submit only a certain refusal counts as one."""

from generation.providers.errors import Fault
from generation.providers.statuses import classify_status

FAULTS = {401: Fault.AUTH, 403: Fault.AUTH, 407: Fault.AUTH, 402: Fault.QUOTA, 400: Fault.INVALID, 413: Fault.INVALID,
        415: Fault.INVALID, 422: Fault.INVALID}  # fmt: skip
UNCLEAR = dict.fromkeys((302, 408, 429, 500, 502, 503, 504, 599), (Fault.UNKNOWN, Fault.TRANSIENT))


def test_status_without_a_known_code_maps_to_a_fault(subtests):
    rows = [
        *((status, fault, fault) for status, fault in FAULTS.items()),
        *((status, Fault.INVALID, Fault.LOST) for status in (404, 410)),
        *((status, *faults) for status, faults in UNCLEAR.items()),
    ]
    for status, at_submit, at_poll in rows:
        with subtests.test(status=status, at_submit=at_submit, at_poll=at_poll):
            assert classify_status(status, is_submit=True, is_busy_refusal=False) == at_submit
            assert classify_status(status, is_submit=False, is_busy_refusal=False) == at_poll


def test_429_is_a_refusal_only_if_declared_and_503_never_is():
    refusals = [classify_status(status, is_submit=True, is_busy_refusal=True) for status in (429, 503)]

    assert refusals == [Fault.TRANSIENT, Fault.UNKNOWN]
