"""Changes of the database are noticed without a query."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from common.database.changes import ChangeWatch
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


def create_user_elsewhere():
    def create():
        UserFactory()
        connection.close()

    thread = threading.Thread(target=create)
    thread.start()
    thread.join()


def test_writes_of_another_connection_are_noticed_once():
    watch = ChangeWatch(max_age=60)
    assert watch.may_have_changed()
    User.objects.count()
    assert watch.may_have_changed() is (connection.vendor != "sqlite")

    create_user_elsewhere()

    assert watch.may_have_changed()
    assert watch.may_have_changed() is (connection.vendor != "sqlite")


def test_answer_is_yes_after_some_time_without_changes():
    watch = ChangeWatch(max_age=0)

    assert watch.may_have_changed() and watch.may_have_changed()
