"""The worker service while the database is away."""

from unittest.mock import Mock

import pytest
from django.db import OperationalError

from jobs.management.commands import work


@pytest.fixture
def command():
    """The command with workers that are not processes; ``rest`` does not wait."""
    command = work.Command()
    command.signals, command.wake = 0, Mock()
    command.workers, command.watchdog, command.dispatcher = Mock(), Mock(), Mock()
    command.rest = Mock()
    return command


def test_workers_are_started_only_when_the_database_answers(command, monkeypatch, caplog):
    outcomes = [OperationalError("refused"), OperationalError("refused"), None]
    monkeypatch.setattr(work, "connection", Mock(ensure_connection=Mock(side_effect=outcomes)))

    command.wait_for_database()

    assert command.wake.wait.call_count == 2
    assert caplog.text.count("The database does not answer (refused)") == 1


def test_workers_that_died_in_an_outage_are_restarted_after_it(command, monkeypatch):
    rounds = []

    def watch():
        rounds.append(command.workers.keep_alive.call_count)
        command.signals = int(len(rounds) == 3)
        if len(rounds) == 1:
            raise OperationalError("refused")

    monkeypatch.setattr(work, "connection", Mock())
    monkeypatch.setattr(command.changes, "may_have_changed", lambda: False)
    command.watchdog.watch = watch
    command.workers.is_alive.return_value = False

    command.loop()

    assert rounds == [0, 0, 1], "not restarted in the round of the outage"
