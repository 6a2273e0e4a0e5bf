"""Pages for what went wrong, when what they would lean on is what broke."""

import pytest
from django.http import HttpRequest

from common.web import errors


class RequestWithoutRows(HttpRequest):
    id = "8f3a21bc09de"

    @property
    def user(self):
        raise ConnectionError("the database does not answer")


@pytest.mark.parametrize(("page", "status"), [(errors.broken, 500), (errors.unavailable, 503)])
def test_the_page_needs_no_person_and_names_the_request(page, status):
    response = page(RequestWithoutRows())

    assert response.status_code == status
    assert "8f3a21bc09de" in response.content.decode()


def test_an_unavailable_page_says_when_to_come_back():
    assert errors.unavailable(RequestWithoutRows()).headers["Retry-After"] == "30"
