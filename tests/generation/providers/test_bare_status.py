"""What an HTTP status says by itself, where a provider's own words say nothing: on submit only a refusal is one."""

import pytest

from generation.providers.errors import Fault
from generation.providers.statuses import fault_of

SAID = {401: Fault.AUTH, 403: Fault.AUTH, 407: Fault.AUTH, 402: Fault.QUOTA, 400: Fault.INVALID, 413: Fault.INVALID,
        415: Fault.INVALID, 422: Fault.INVALID}  # fmt: skip
ELSE = dict.fromkeys((302, 408, 429, 500, 502, 503, 504, 599), (Fault.UNKNOWN, Fault.TRANSIENT))


@pytest.mark.parametrize(
    ("status", "at_submit", "at_poll"),
    [(status, fault, fault) for status, fault in SAID.items()]
    + [(status, Fault.INVALID, Fault.LOST) for status in (404, 410)]
    + [(status, *faults) for status, faults in ELSE.items()],
)
def test_a_bare_status_is_a_refusal_only_where_it_surely_is_one(status, at_submit, at_poll):
    assert fault_of(status, is_submit=True, busy_never_creates=False) == at_submit
    assert fault_of(status, is_submit=False, busy_never_creates=False) == at_poll


def test_busy_is_a_refusal_where_the_adapter_says_so_and_out_of_service_never_is():
    told = [fault_of(status, is_submit=True, busy_never_creates=True) for status in (429, 503)]

    assert told == [Fault.TRANSIENT, Fault.UNKNOWN]
