"""What a model takes, as it says itself. Kept for a while: it is public, and every take would ask for it."""

import re
import time
from urllib.parse import quote

from generation.providers import parsing
from generation.providers.errors import Fault, RemoteError

KEPT = 600.0
HASH = re.compile(r"[0-9a-f]{64}")
_kept: dict[tuple[str, str], tuple[float, "Inputs | None"]] = {}


class Inputs:
    """The inputs of one model: which names it knows, and how it wants to be told a value."""

    def __init__(self, schema: dict):
        self.parts = parsing.child(parsing.child(schema, "components"), "schemas")
        self.known = parsing.child(parsing.child(self.parts, "Input"), "properties")

    def name_of(self, *names: str) -> str:
        """The first of these names that the model knows, or nothing."""
        return next((name for name in names if name in self.known), "")

    def value(self, name: str, *spellings):
        """The spelling that the model allows; None when it allows none of them."""
        if choices := self._facts(name).get("enum"):
            return next((each for each in spellings if any(each == c and type(each) is type(c) for c in choices)), None)
        kind = {"integer": int, "number": (int, float), "string": str, "boolean": bool}.get(
            self._facts(name).get("type")
        )
        return next((each for each in spellings if kind is None or isinstance(each, kind)), None)

    def choices(self, name: str) -> list:
        return list(self._facts(name).get("enum") or ())

    def is_list(self, name: str) -> bool:
        return self._facts(name).get("type") == "array"

    def default(self, name: str, otherwise):
        return self._facts(name).get("default", otherwise)

    def _facts(self, name: str) -> dict:
        """What is said of an input, also where its choices stand elsewhere in the schema."""
        facts = dict(self.known.get(name) or {})
        for each in [*parsing.rows(facts, "allOf"), facts]:
            if isinstance(where := each.get("$ref"), str):
                facts |= parsing.child(self.parts, where.rpartition("/")[2])
        return facts


def where(model: str) -> tuple[str, str]:
    """The path that its predictions are asked for at, and the version to name there (mostly none)."""
    if HASH.fullmatch(model) or ":" in model:
        return "v1/predictions", model
    if model.startswith("deployments/"):
        return f"v1/{quote(model)}/predictions", ""
    return f"v1/models/{quote(model)}/predictions", ""


def inputs_of(provider, connection, model: str) -> Inputs | None:
    """None for versions without a name and for deployments: their schema cannot be asked for by what we know."""
    if HASH.fullmatch(model) or model.startswith("deployments/"):
        return None
    at, found = _kept.get((connection.base_url, model), (float("-inf"), None))
    if time.monotonic() - at < KEPT:
        return found
    answer = provider.client(connection).get(f"v1/models/{quote(model.partition(':')[0])}")
    if answer.status == 404:
        raise RemoteError(Fault.INVALID, "no_model", f"{model} is not offered any more", status=404, field="model")
    reported = provider._read(answer)
    schema = parsing.child(parsing.child(reported, "latest_version"), "openapi_schema")
    found = Inputs(schema) if schema else None
    _kept[connection.base_url, model] = (time.monotonic(), found)
    return found
