"""What a yes to the draw sheet is about: a mark of it goes out with the sheet and comes back with the yes. The same is
told row by row, so that a newer sheet can say what has changed since; nothing is decided by that."""

import hashlib
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.billing.money import money
from studio.drawing.clip_request import recipe
from studio.films import messages as film_messages
from studio.models import Scene

MOST_TOLD = 36  # rows: they are sent with each change of the form as well
PART = re.compile(r"([0-9a-f]{12}):([0-9]{1,15}|\?)([A-Z]{3})" + ":([0-9a-f]{4})" * 5)


def mark_of(shots) -> str:
    """Which scenes on which terms and in which words, and, behind a point, what they had when the person looked. Kept
    short, since it is sent with each change of the form as well."""
    if not shots:
        return ""
    told = [
        (row.scene.pk.hex, row.agreed, row.currency, sorted(row.terms.items()), *_begins(row), _says(row))
        for row in shots
    ]
    return f"{_digest(told)}.{_digest([row.had for row in shots])}"


def _says(row) -> tuple:
    """Its words, and how everybody in it looks, with their pictures: those are no words, and go along all the same."""
    return recipe(row.scene), [(each.pk.hex, each.rev) for each in row.scene.characters.all()]


def _begins(row) -> tuple:
    """What it goes on from, and which of its notes the sheet has on that: not in whose language."""
    scene, clip = row.start.scene, row.start.clip
    return str(scene and scene.pk), str(clip and clip.pk), row.begins


def _digest(told) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Part:
    """One row as it was told, each side of it that may become another one by itself."""

    scene: str
    price: str
    currency: str
    account: str
    terms: str
    start: str
    says: str
    had: str

    def __str__(self):
        sides = (self.account, self.terms, self.start, self.says, self.had)
        return ":".join((self.scene, self.price + self.currency, *sides))


def told_of(shots) -> str:
    """Empty where there are too many: then a newer sheet only says that something has changed."""
    return ",".join(str(_part(row)) for row in shots) if len(shots) <= MOST_TOLD else ""


def _part(row) -> Part:
    who = row.terms.get("account", "")
    terms = sorted((name, value) for name, value in row.terms.items() if name != "account")
    price = "?" if row.agreed is None else str(row.agreed)
    sides = (who, terms, _begins(row), _says(row), row.had)
    return Part(_key(row), price, row.currency, *(_digest(each)[:4] for each in sides))


def _key(row) -> str:
    return row.scene.pk.hex[:12]


@dataclass
class Changes:
    """``rows``: scene id → what is another one there now, in sentences; ``words`` name all scenes together."""

    rows: dict = field(default_factory=dict)
    words: str = ""


def changes(told: str, sheet, story) -> Changes:
    """How ``sheet`` differs from the one that was ``told``; nonsense and nothing tell nothing."""
    parts = [Part(*found.groups()) for found in map(PART.fullmatch, told.split(",")) if found]
    if not parts:
        return Changes()
    was, now = {part.scene: part for part in parts}, {_key(row): row for row in sheet.shots}
    left = was.keys() - now.keys()
    rows = {row.scene.pk: _row(was.get(key), row) for key, row in now.items()}
    rows |= {row.scene.pk: [_("It was to be drawn when you looked.")] for row in sheet.rows if _key(row) in left}
    scenes = Scene.objects.filter(story=story).shown().in_order().values_list("pk", "position")
    numbers = [n for pk, n in scenes if rows.get(pk) or pk.hex[:12] in left]
    return Changes(rows, _numbered(numbers) if numbers else "")


def _numbered(numbers: list[int]) -> str:
    words = ngettext(
        "Scene %(numbers)s is not as your page showed it.",
        "Scenes %(numbers)s are not as your page showed them.",
        len(numbers),
    )
    return words % {"numbers": film_messages.numbers(numbers)}


def _row(was: Part | None, row) -> list[str]:
    if was is None:
        return [_("It was not on your page.")]
    now, found = _part(row), []
    if was.had != now.had:
        found.append(_("It was drawn meanwhile, or a take was thrown away or taken back."))
    if (was.price, was.currency) != (now.price, now.currency):
        found.append(_price_before(was))
    if was.account != now.account:
        found.append(_("It goes through another account now."))
    is_told_alike = (was.price == "?") == (now.price == "?")  # more is held to where nobody knows the price
    if is_told_alike and was.terms != now.terms:
        found.append(_("It is drawn by another model now, or in another way."))
    if was.start != now.start:
        found.append(_("It starts on something else now."))
    if was.says != now.says:
        found.append(_("It says something else now."))
    return found


def _price_before(was: Part) -> str:
    if was.price == "?":
        return _("Its price was not known when you looked.")
    return _("It was %(price)s when you looked.") % {"price": money(int(was.price), was.currency)}
