"""Accounts that the environment names."""

import pytest

from generation.connecting import environment
from generation.models import Connection
from generation.providers.accounts import account_of
from jobs import housekeeping
from tests.generation.connections.conftest import KEY

pytestmark = pytest.mark.django_db


def test_a_key_in_the_environment_makes_an_account_for_everybody_once(stub, monkeypatch, mika):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_REGION", "eu")

    for _start in range(2):
        environment.sync()

    made = Connection.objects.get()
    assert (made.provider, made.scope, made.environment, made.facts) == ("echo", "site", True, {"region": "eu"})
    assert made in Connection.objects.usable_by(mika, None)
    assert account_of(made).keys["api_key"] == KEY
    assert made.keys.count() == 0


def test_it_goes_with_its_key_and_comes_back_with_it(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    monkeypatch.delenv("ECHO_API_KEY")

    environment.sync()
    assert not Connection.objects.filter(deleted_at=None).exists()

    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    assert Connection.objects.filter(deleted_at=None, is_enabled=True).count() == 1


def test_what_an_operator_switched_off_stays_off(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    environment.sync()
    Connection.objects.update(is_enabled=False)

    environment.sync()

    assert not Connection.objects.get().is_enabled


def test_an_address_that_the_environment_names_may_be_private(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)
    monkeypatch.setenv("ECHO_BASE_URL", "http://gpu:8188/")

    environment.sync()

    made = Connection.objects.get()
    assert (made.base_url, made.allows_private) == ("http://gpu:8188", True)


def test_without_a_required_key_there_is_no_account(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", " ")

    environment.sync()

    assert not Connection.objects.exists()


def test_the_workers_look_when_they_start(stub, monkeypatch):
    monkeypatch.setenv("ECHO_API_KEY", KEY)

    housekeeping.run()

    assert Connection.objects.get().environment


def test_of_two_ways_to_sign_one_is_enough(monkeypatch):
    """Kling takes one key, or an older pair: neither is required by itself."""
    environment.sync()
    assert not Connection.objects.filter(provider="kling").exists()

    monkeypatch.setenv("KLING_API_KEY", KEY)
    environment.sync()

    assert Connection.objects.filter(provider="kling", environment=True).count() == 1
