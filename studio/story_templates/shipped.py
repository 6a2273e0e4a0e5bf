"""The story templates that come with the studio: one file each in ``bodies``, in both languages."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.utils.translation import get_language, gettext_lazy

from studio.story_templates.body import TemplateBody

FOLDER = Path(__file__).parent / "bodies"
ORDER = ("trailer", "day", "fight", "letter", "product", "haiku", "loop", "bedtime")
CATEGORIES = {
    "film": gettext_lazy("Trailers and ads"),
    "everyday": gettext_lazy("Everyday"),
    "action": gettext_lazy("Action"),
    "poem": gettext_lazy("Poems"),
    "music": gettext_lazy("Music"),
}


@dataclass(frozen=True, kw_only=True)
class ShippedTemplate:
    """``cover_scene`` (from 1) and ``cover_second`` say which frame the cover shows."""

    key: str
    title: str
    description: str
    category: str
    body: TemplateBody
    cover_scene: int
    cover_second: float

    @property
    def cover_url(self) -> str:
        return static(f"templates/{self.key}.webp")


@cache
def read_template(key: str, language: str) -> ShippedTemplate:
    """Return the template in the language, "en" or "zh"."""
    facts = json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    texts, cover = facts[language], facts["cover"]
    return ShippedTemplate(
        key=key,
        title=texts["title"],
        description=texts["description"],
        category=facts["category"],
        body=TemplateBody.from_json(texts["body"]),
        cover_scene=cover["scene"],
        cover_second=cover["second"],
    )


def list_templates() -> list[ShippedTemplate]:
    """Return all templates in the reader's language."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [read_template(key, language) for key in ORDER]


def find_template(key: str) -> ShippedTemplate | None:
    return next((template for template in list_templates() if template.key == key), None)
