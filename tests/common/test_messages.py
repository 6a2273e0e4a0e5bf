"""Messages are stored as codes and read in the language of the reader."""

import ast
import re
from pathlib import Path

from django.utils.translation import gettext_lazy, override

from accounts.billing.ledger import InsufficientFunds
from common.hooks import SiteHooks
from common.messages import (
    PROVIDER_MESSAGE,
    SENTENCES,
    VERBATIM,
    Label,
    build_message,
    from_json,
    join_messages,
    map_texts,
    to_json,
)
from generation.providers.errors import Fault
from generation.worker import storage_wait

ROOT = Path(__file__).parent.parent.parent
APPS = ("accounts", "common", "gallery", "generation", "jobs", "studio")
VALUE = re.compile(r"%\((\w+)\)[ds]")


class Values(dict):
    """Values for any sentence."""

    def __missing__(self, name):
        return 2


def registered():
    return {**SENTENCES, **SiteHooks.merged("sentences")}


BUILDERS = ("build_message", "_not_charged", "_explain", "_about_scenes")  # functions whose first argument is a code


def used_codes():
    """Return code → file of every literal code in the source."""
    found = {}
    sources = {path: path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")}
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)) if any(name in source for name in BUILDERS) else ():
            if isinstance(node, ast.Call) and node.args and _name(node.func) in BUILDERS:
                first = node.args[0]
                values = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                found |= {value.value: path.name for value in values if isinstance(value, ast.Constant)}
    return found


def _name(function):
    return getattr(function, "id", "") or getattr(function, "attr", "")


def test_every_code_has_a_sentence_in_both_languages_with_the_same_values():
    broken = {}
    for code, sentence in registered().items():
        texts = {}
        for language in ("en", "zh-hans"):
            with override(language):
                texts[language] = sentence % Values()
        if texts["en"] == texts["zh-hans"] and code != "with_subject" and VALUE.sub("", texts["en"]).strip("2 "):
            broken[code] = texts["en"]
    assert broken == {}


def test_every_code_in_the_source_has_a_sentence():
    composed = [*(f"fault_{fault}" for fault in Fault), *storage_wait.NOTES.values(), storage_wait.DISK_FULL]
    used = used_codes() | dict.fromkeys(composed, "composed")

    assert len(used) > 100 and {code: file for code, file in used.items() if code not in registered()} == {}


def test_stored_message_is_read_in_each_language():
    reason = build_message("unplayable")
    label = gettext_lazy("Seed")
    stored = to_json(
        join_messages(
            build_message("scenes_refused", numbers={"scenes": [2, 5]}, n=2, why=reason),
            build_message("problem_field", field=label),
            InsufficientFunds(1_500_000, 0, "USD").message,
            build_message("busy", provider=Label("Kling")),
        )
    )

    with override("en"):
        english = from_json(stored)
    with override("zh-hans"):
        chinese = from_json(stored)

    assert "Scenes 2 and 5: The clip’s file" in english and "“Seed”" in english and "$1.50" in english
    assert english.endswith("Kling is busy")
    assert (
        "。 " not in chinese
        and "种子" in chinese
        and "可灵" in chinese
        and "2 和 5" in chinese
        and "The" not in chinese
    )


def test_provider_text_is_kept_apart_and_can_be_redacted():
    message = join_messages(build_message("not_charged"), build_message(PROVIDER_MESSAGE, words="no foxes"))
    redacted = map_texts(message, lambda text: text.replace("foxes", "…"))

    assert (message, message.details) == ("Nothing was charged.", "The provider’s message: “no foxes”.")
    assert redacted.details == "The provider’s message: “no …”."


def test_plain_text_and_unknown_codes_are_shown_as_they_are(caplog):
    assert from_json(to_json("Plain.")) == "Plain." and to_json("Plain.")[0][0] == VERBATIM
    assert from_json([["of_tomorrow", {}]]) == "of_tomorrow" and "of_tomorrow" in caplog.text
    assert to_json("") is None and from_json(None) == ""
