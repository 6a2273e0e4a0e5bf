"""Parser of multipart bodies, for providers that accept files."""

from email.parser import BytesParser

from tests.fakes.server import Request


def parse_form(request: Request) -> dict[str, tuple[str, bytes]]:
    """Return the parts of a multipart body: name → (file name, content)."""
    kind = request.headers["content-type"].encode()
    message = BytesParser().parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + request.body)
    parts = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")
        parts[name] = (part.get_filename() or "", part.get_payload(decode=True))
    return parts
