"""A query whose SQL is written once finds for each id what Django's own query finds."""

import pytest

from accounts.models import Membership
from common.database.counting import count_written
from common.database.written_query import WrittenQuery

pytestmark = pytest.mark.django_db


def test_the_sql_is_written_once_and_finds_the_rows_of_each_id(mika, ren, django_assert_num_queries):
    built = []

    def build(user, *workspaces):
        built.append((user, *workspaces))
        return Membership.objects.filter(user=user, workspace__in=workspaces).order_by().values("pk")

    query = WrittenQuery(build)
    homes = [mika.home.pk, ren.home.pk]

    assert [count_written(query.write(user.pk, *homes)) for user in (mika, ren)] == [1, 1]
    assert len(built) == 1
    assert [count_written(query.write(mika.pk, home)) for home in homes] == [1, 0]
    assert len(built) == 2
