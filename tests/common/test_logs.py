"""Log lines carry the ids of their request and job, and no secret."""

import json
import logging
import sys

from common.logs import ContextFilter, JsonFormatter, log_as_job, request_id


def format_record(message: str, *, exc_info=None) -> dict:
    record = logging.LogRecord("jobs", logging.ERROR, __file__, 1, message, (), exc_info)
    ContextFilter().filter(record)
    return json.loads(JsonFormatter().format(record))


def test_json_line_names_request_and_job():
    token = request_id.set("8f3a21bc09de")
    with log_as_job("7d1c"):
        inside = format_record("a step failed")
    request_id.reset(token)

    assert (inside["request"], inside["job"], inside["level"]) == ("8f3a21bc09de", "7d1c", "ERROR")
    assert inside["message"] == "a step failed"
    assert format_record("later")["job"] == "-"


def test_json_line_hides_callback_secrets_also_in_tracebacks():
    try:
        raise ValueError("POST /webhooks/kling/s3cret-t0ken/ failed")
    except ValueError:
        fields = format_record("callback /webhooks/kling/s3cret-t0ken/", exc_info=sys.exc_info())

    assert "/webhooks/kling/…" in fields["message"] and "/webhooks/kling/…" in fields["traceback"]
    assert "s3cret-t0ken" not in json.dumps(fields)
    token = "Xq9_" * 10 + "abc"
    assert format_record(f"Not Found: /u/{token}/like/ /p/{token}/1/film.mp4")["message"] == (
        "Not Found: /u/…/like/ /p/…/1/film.mp4"
    )


def test_requests_are_logged_with_their_milliseconds_and_without_what_was_searched(client, db, caplog):
    caplog.set_level(logging.INFO, logger="access")

    client.get("/account/login/?q=secret")
    client.get("/healthz/")

    [record] = [record for record in caplog.records if record.name == "access"]
    line = json.loads(JsonFormatter().format(record))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/account/login/", 200)
    assert line["ms"] >= 0 and "secret" not in json.dumps(line)
