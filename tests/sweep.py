"""A sweep tries many rows in one test with one set-up and names every row that fails.

def test_every_page_opens(browser):
    with sweep(PAGES) as rows:
        for page in rows:
            with rows.row(page):
                assert browser.get(page).status_code == 200
"""

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LONGEST = 300  # characters of one failure


class Sweep:
    """An iterable of rows with a context manager for the work on each row."""

    def __init__(self, rows: Iterable = ()):
        self.rows, self.tried, self.failures = rows, 0, []

    def __iter__(self) -> Iterator:
        return iter(self.rows)

    @contextmanager
    def row(self, *name) -> Iterator[None]:
        """Record a failure under ``name`` and continue. In a transaction, roll back the changes of the row."""
        self.tried += 1
        try:
            if connection.in_atomic_block:
                with (block := transaction.atomic()):
                    block._from_testcase = True  # not a transaction of the code under test (tests/open_transactions.py)
                    yield
                    transaction.set_rollback(True)
            else:
                yield
        except Exception as error:  # noqa: BLE001 - reported for the row
            self.failures.append(f"{' '.join(map(str, name))}: {describe(error)}")


def describe(error: Exception) -> str:
    """Return the kind and the text of an error, and the line of the test where it was raised, on one line."""
    frames = [frame for frame in inspect.getinnerframes(error.__traceback__) if frame.filename != __file__]
    line = (frames[0].code_context or [""])[0].strip() if frames else ""
    return " ".join(f"{type(error).__name__} {error} [{line}]".split())[:LONGEST]


@contextmanager
def sweep(rows: Iterable = ()) -> Iterator[Sweep]:
    """Yield a ``Sweep``. Fails at the end if a row failed or none was tried."""
    created = Sweep(rows)
    yield created
    assert created.tried, "no row was tried"
    assert not created.failures, f"{len(created.failures)} of {created.tried} rows fail:\n" + "\n".join(
        created.failures
    )
