"""Answers to a submission that no provider should give: made up for F30."""

import json

from hypothesis import strategies as st

NAMES = ["id", "task_id", "request_id", "prompt_id", "video_id", "data", "output", "Resp", "task", "name", "ok"]
MEGABYTE = "x" * (1 << 20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "\x00", "a\nb", MEGABYTE]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
malformed_bodies = st.one_of(
    st.binary(max_size=60).filter(lambda body: not _is_object(body)),
    st.dictionaries(st.sampled_from(NAMES), values, max_size=4).map(json.dumps).map(str.encode),
    values.map(json.dumps).map(str.encode),
    st.sampled_from([b"", b"{", b"null", b"[]", b'{"id": ', b'{"id": "cut', b"[" * 5000, b"\xff\xfe"]),
)
"""Malformed, without an id, or with one that is no name of a task: another type, empty, unprintable, a megabyte."""


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
