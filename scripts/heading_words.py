"""Find the messages that templates show in the display and pencil fonts, and the characters of their Chinese texts."""

import gettext
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo"
PUNCTUATION = "，。、！？：「」（）《》"
MESSAGE = re.compile(
    r"""translate (?:"([^"]+)"|'([^']+)')|_\(['"]([^'"]+)['"]\)|blocktranslate[^%]*%}(.*?){% endblock""", re.DOTALL
)
VARIABLE = re.compile(r"{{ *([\w.]+)[^}]*}}")
DISPLAY = [
    r"<h[1-4]\b.*?</h[1-4]>",
    r"{% block heading %}.*?{% endblock %}",
    r"title=_\([^)]*\)",
    r'{% translate "[^"]+" as title %}',
    r'class="brand.*?</b>',
]
PENCIL = [
    r"{% block line %}.*?{% endblock %}",
    r'{% translate "[^"]+" as line %}',
    r'class="(?:wipe-note|pencil|pen)\b.*?</\w+>',
]


def find_messages(places: list[str]) -> set[str]:
    """Return the message ids in ``places`` (patterns) of all templates; ``{% plural %}`` separates the two forms."""
    texts = [path.read_text() for path in sorted((ROOT / "templates").rglob("*.html"))]
    parts = [part for text in texts for place in places for part in re.findall(place, text, re.DOTALL)]
    return {"".join(found) for part in parts for found in MESSAGE.findall(part)}


def translate(catalogue, message: str) -> str:
    """Return the Chinese text of a message. Catalogues contain ``{{ n }}`` as ``%(n)s`` and trimmed lines."""
    singular, *plurals = (VARIABLE.sub(r"%(\1)s", " ".join(form.split())) for form in message.split("{% plural %}"))
    return catalogue.ngettext(singular, plurals[0], 2) if plurals else catalogue.gettext(singular)


def list_characters(places: list[str]) -> str:
    """Return the sorted Chinese characters in ``places`` (patterns) of all templates. Latin text has other fonts."""
    with CATALOGUE.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    shown = "".join(translate(catalogue, message) for message in find_messages(places))
    return "".join(sorted(letter for letter in {*shown, *PUNCTUATION} if letter > "\u2e80"))
