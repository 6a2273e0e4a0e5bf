"""Pages travel compressed, files as they are."""

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from common.web.middleware import CompressPages

PAGE = "<p>A lantern in the rain</p>" * 100


@pytest.mark.parametrize(
    ("response", "encoding"),
    [
        (HttpResponse(PAGE), "gzip"),
        (HttpResponse(PAGE, content_type="video/mp4"), ""),
        (StreamingHttpResponse([PAGE], content_type="video/mp4"), ""),
    ],
    ids=["page", "file", "stream"],
)
def test_only_pages_are_compressed(rf, response, encoding):
    answer = CompressPages(lambda request: response)(rf.get("/", headers={"Accept-Encoding": "gzip"}))

    assert answer.headers.get("Content-Encoding", "") == encoding
    assert not encoding or gzip.decompress(answer.content).decode() == PAGE
