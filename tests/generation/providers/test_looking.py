"""Lists that are paged by numbers: how far they are read, and what a look through them proves."""

from datetime import UTC, datetime

import pytest

from generation.providers import matching
from generation.providers.remote import Lost, Search

SENT = datetime(2026, 11, 1, tzinfo=UTC)


def look(*ages, pages=3):
    """Through one task a page, each so many seconds older than the submission, and whether it was one of ours."""
    asked = []

    def read(page):
        asked.append(page)
        rows = [{"id": f"t{page}", "created_at": SENT.timestamp() - ages[page - 1]}] if page <= len(ages) else []
        return {"items": rows}

    lost = Lost("ref", SENT, None, {}, lambda task_id: False)
    return matching.through_pages(read, lost, lambda task, _lost: False, pages=pages, early=60), asked


@pytest.mark.parametrize(
    ("ages", "found", "asked"),
    [
        ([], Search.ABSENT, [1]),
        ([0, 30], Search.ABSENT, [1, 2, 3]),
        ([0, 61, 500], Search.ABSENT, [1, 2]),
        ([0, 10, 20, 30], Search.UNDECIDED, [1, 2, 3]),
    ],
    ids=["empty", "ends", "reaches beyond that moment", "goes on"],
)
def test_a_list_is_read_to_its_end_or_beyond_that_moment_and_proves_nothing_where_it_goes_on(ages, found, asked):
    assert look(*ages) == (found, asked)
