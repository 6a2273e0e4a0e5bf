"""What keeps others waiting inside a transaction is reported, whoever opened the transaction."""

import subprocess
import time

import pytest
from django.db import transaction

from tests import open_transactions

pytestmark = pytest.mark.django_db


@pytest.fixture
def reported():
    with pytest.MonkeyPatch.context() as patch:
        yield open_transactions.report_slow_calls(patch)


@pytest.fixture(autouse=True)
def short_transactions():
    """Replace the check of all tests: here, such calls are made on purpose."""


def test_a_sleep_and_a_process_inside_a_transaction_are_reported(reported, slow_calls_in_transactions):
    with transaction.atomic():
        time.sleep(0)
        subprocess.run(["true"], check=True)

    slow_calls_in_transactions.clear()
    assert [sentence.split(" inside")[0] for sentence in reported] == ["slept", "started a process"]
    assert "tests/test_open_transactions.py:" in reported[0]


def test_nothing_is_reported_outside_transactions_of_the_code(reported):
    time.sleep(0)
    subprocess.run(["true"], check=True)

    assert reported == []
