"""Read and cache the input schemas of models, which every take needs."""

import re
import time
from urllib.parse import quote

from generation.providers import parsing
from generation.providers.errors import Fault, RemoteError

CACHE_SECONDS = 600.0
TYPES: dict[str, type | tuple[type, ...]] = {"integer": int, "number": (int, float), "string": str, "boolean": bool}
HASH = re.compile(r"[0-9a-f]{64}")
_cache: dict[tuple[str, str], tuple[float, "Inputs | None"]] = {}


class Inputs:
    """The inputs of one model: their names, types and allowed values."""

    def __init__(self, schema: dict):
        self.parts = parsing.get_object(parsing.get_object(schema, "components"), "schemas")
        self.properties = parsing.get_object(parsing.get_object(self.parts, "Input"), "properties")

    def find_name(self, *names: str) -> str:
        """Return the first of these names that the model has an input for, or ""."""
        return next((name for name in names if name in self.properties), "")

    def find_allowed(self, name: str, *spellings):
        """Return the first of these values that the model allows for the input, or None."""
        if choices := self._read_facts(name).get("enum"):
            return next((value for value in spellings if any(_is_same(value, choice) for choice in choices)), None)
        kind = TYPES.get(str(self._read_facts(name).get("type")))
        return next((value for value in spellings if kind is None or isinstance(value, kind)), None)

    def list_choices(self, name: str) -> list:
        return list(self._read_facts(name).get("enum") or ())

    def is_list(self, name: str) -> bool:
        return self._read_facts(name).get("type") == "array"

    def get_default(self, name: str, fallback):
        return self._read_facts(name).get("default", fallback)

    def _read_facts(self, name: str) -> dict:
        """Return the schema of an input, with references to other parts of the schema resolved."""
        facts = dict(self.properties.get(name) or {})
        for part in [*parsing.get_rows(facts, "allOf"), facts]:
            if isinstance(reference := part.get("$ref"), str):
                facts |= parsing.get_object(self.parts, reference.rpartition("/")[2])
        return facts


def _is_same(value, choice) -> bool:
    """Return whether both are equal and of the same type, since 1, 1.0 and True are different choices."""
    return value == choice and type(value) is type(choice)


def get_submission_path(model: str) -> tuple[str, str]:
    """Return the path for submissions, and the version for the body, "" unless the model is a version."""
    if HASH.fullmatch(model) or ":" in model:
        return "v1/predictions", model
    if model.startswith("deployments/"):
        return f"v1/{quote(model)}/predictions", ""
    return f"v1/models/{quote(model)}/predictions", ""


def fetch_inputs(provider, connection, model: str) -> Inputs | None:
    """Return the inputs of a model; None if its schema cannot be queried (unnamed versions, deployments) or is missing.

    Raises RemoteError INVALID if the model does not exist.
    """
    if HASH.fullmatch(model) or model.startswith("deployments/"):
        return None
    at, found = _cache.get((connection.base_url, model), (float("-inf"), None))
    if time.monotonic() - at < CACHE_SECONDS:
        return found
    answer = provider.client(connection).get(f"v1/models/{quote(model.partition(':')[0])}")
    if answer.status == 404:
        raise RemoteError(Fault.INVALID, "no_model", f"{model} is not offered any more", status=404, field="model")
    data = provider._read(answer)
    schema = parsing.get_object(parsing.get_object(data, "latest_version"), "openapi_schema")
    found = Inputs(schema) if schema else None
    _cache[connection.base_url, model] = (time.monotonic(), found)
    return found
