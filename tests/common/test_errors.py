"""Error pages work when their dependencies are broken."""

import pytest
from django.http import HttpRequest

from common.web import errors


class RequestWithoutRows(HttpRequest):
    id = "8f3a21bc09de"

    @property
    def user(self):
        raise ConnectionError("the database does not answer")


@pytest.mark.parametrize(("page", "status"), [(errors.server_error, 500), (errors.service_unavailable, 503)])
def test_error_page_needs_no_user_and_names_the_request(page, status):
    response = page(RequestWithoutRows())

    assert response.status_code == status
    assert "8f3a21bc09de" in response.content.decode()


def test_unavailable_page_sets_retry_after():
    assert errors.service_unavailable(RequestWithoutRows()).headers["Retry-After"] == "30"
