"""Numbered pages of a list: how far they are read, and when a search is conclusive."""

from datetime import UTC, datetime

from generation.providers import matching
from generation.providers.remote import Lost, Search

SENT = datetime(2026, 11, 1, tzinfo=UTC)


def look(*ages, pages=3):
    """Through one task a page, each so many seconds older than the submission, and whether it was one of ours."""
    sent = []

    def read(page):
        sent.append(page)
        rows = [{"id": f"t{page}", "created_at": SENT.timestamp() - ages[page - 1]}] if page <= len(ages) else []
        return {"items": rows}

    lost = Lost("ref", SENT, None, {}, lambda task_id: False)
    return matching.search_pages(read, lost, lambda task, _lost: False, pages=pages, early=60), sent


def test_list_is_read_to_the_submission_time_and_is_undecided_if_longer(subtests):
    for ages, found, asked in (
        ([], Search.ABSENT, [1]),
        ([0, 30], Search.ABSENT, [1, 2, 3]),
        ([0, 61, 500], Search.ABSENT, [1, 2]),
        ([0, 10, 20, 30], Search.UNDECIDED, [1, 2, 3]),
    ):
        with subtests.test(ages=ages, found=found, asked=asked):
            assert look(*ages) == (found, asked)
