"""Numbered pages of a list: how far they are read, and when a search is conclusive."""

from datetime import UTC, datetime

from generation.providers import matching
from generation.providers.remote import Lost, Search

SENT = datetime(2026, 11, 1, tzinfo=UTC)


def search(*ages, pages=3):
    """Search a list with one task per page, of these ages in seconds. Returns the result and the pages read."""
    pages_read = []

    def read(page):
        pages_read.append(page)
        rows = [{"id": f"t{page}", "created_at": SENT.timestamp() - ages[page - 1]}] if page <= len(ages) else []
        return {"items": rows}

    lost = Lost("ref", SENT, None, {}, lambda task_id: False)
    return matching.search_pages(read, lost, lambda task, _lost: False, pages=pages, early=60), pages_read


def test_list_is_read_to_the_submission_time_and_is_undecided_if_longer(subtests):
    for ages, found, expected_pages in (
        ([], Search.ABSENT, [1]),
        ([0, 30], Search.ABSENT, [1, 2, 3]),
        ([0, 61, 500], Search.ABSENT, [1, 2]),
        ([0, 10, 20, 30], Search.UNDECIDED, [1, 2, 3]),
    ):
        with subtests.test(ages=ages, found=found, pages=expected_pages):
            assert search(*ages) == (found, expected_pages)
