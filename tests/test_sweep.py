"""A sweep names every failing row and rolls back its changes."""

import pytest
from django.db import DatabaseError, connection

from accounts.models import Workspace
from tests.sweep import sweep


def test_every_failing_row_is_named_and_the_others_are_tried():
    tried = []

    with pytest.raises(AssertionError) as failed, sweep([1, 0, 2, 0]) as rows:
        for number in rows:
            with rows.row("row", number):
                tried.append(number)
                assert 1 / number != 0.5, "half"

    assert tried == [1, 0, 2, 0]
    text = str(failed.value)
    assert "3 of 4 rows fail" in text
    assert text.count("row 0: ZeroDivisionError") == 2 and "row 2: AssertionError half" in text
    assert "row 1" not in text


def test_a_sweep_without_rows_fails():
    with pytest.raises(AssertionError, match="no row was tried"), sweep():
        pass


@pytest.mark.django_db
def test_changes_of_a_row_are_rolled_back_even_after_a_database_error():
    with sweep([1, 2]) as rows:
        for number in rows:
            with rows.row(number):
                assert not Workspace.objects.exists()
                Workspace.objects.create(name="row")
                with pytest.raises(DatabaseError):
                    connection.cursor().execute("invalid")
