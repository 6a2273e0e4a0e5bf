"""Classify HTTP statuses of responses without a known error code."""

from generation.providers.errors import Fault


def is_server_error(status: int) -> bool:
    """Return whether the status reports a failure of the server, after which a submission may have succeeded."""
    return status >= 500 or status in (408, 499)


def classify_status(status: int, *, is_submit: bool, is_busy_refusal: bool) -> Fault:
    """Return the fault of a status. On submit, anything but a clear refusal is UNKNOWN: a task may exist."""
    if status in (401, 403, 407):
        return Fault.AUTH
    if status == 402:
        return Fault.QUOTA
    if status == 429 and (is_busy_refusal or not is_submit):
        return Fault.TRANSIENT
    if status in (404, 410):
        return Fault.INVALID if is_submit else Fault.LOST
    if status in (400, 405, 406, 409, 411, 413, 414, 415, 422, 431):
        return Fault.INVALID
    return Fault.UNKNOWN if is_submit else Fault.TRANSIENT
