"""Which of our own words pages set in the display face and in pencil, and the Chinese characters of these."""

import gettext
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo"
PUNCTUATION = "，。、！？：「」（）《》"
WORDS = re.compile(
    r"""translate (?:"([^"]+)"|'([^']+)')|_\(['"]([^'"]+)['"]\)|blocktranslate[^%]*%}(.*?){% endblock""", re.DOTALL
)
VARIABLE = re.compile(r"{{ *([\w.]+)[^}]*}}")
DISPLAY = [
    r"<h[1-4]\b.*?</h[1-4]>",
    r"{% block heading %}.*?{% endblock %}",
    r"title=_\([^)]*\)",
    r'class="brand.*?</b>',
]
PENCIL = [
    r"{% block line %}.*?{% endblock %}",
    r'{% translate "[^"]+" as line %}',
    r'class="(?:pn|pencil|pen)\b.*?</\w+>',
]


def words_in(places: list[str]) -> set[str]:
    """The English source of every string that templates show in these places; ``{% plural %}`` parts its two forms."""
    texts = [path.read_text() for path in sorted((ROOT / "templates").rglob("*.html"))]
    parts = [part for text in texts for place in places for part in re.findall(place, text, re.DOTALL)]
    return {"".join(found) for part in parts for found in WORDS.findall(part)}


def translated(catalogue, words: str) -> str:
    """As the page shows it to somebody who reads Chinese; catalogues name ``{{ n }}`` ``%(n)s`` and trim lines."""
    one, *many = (VARIABLE.sub(r"%(\1)s", " ".join(form.split())) for form in words.split("{% plural %}"))
    return catalogue.ngettext(one, many[0], 2) if many else catalogue.gettext(one)


def characters(places: list[str]) -> str:
    """The Chinese characters that these places need, sorted; Latin letters come from faces of their own."""
    with CATALOGUE.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    shown = "".join(translated(catalogue, words) for words in words_in(places))
    return "".join(sorted(letter for letter in {*shown, *PUNCTUATION} if letter > "\u2e80"))
