"""How messages name scenes: "Scene 3", "2, 5 and 7"."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.messages import Message, build_message


def scene_name(n: int) -> Message:
    return build_message("scene_name", n=n)


def format_numbers(numbers: list[int]) -> str:
    """Return the numbers as text like "2, 5 and 7"; after twelve numbers, only how many more there are."""
    shown, comma = [str(n) for n in numbers[:12]], pgettext("between the numbers of scenes", ", ")
    if len(numbers) > 12:
        return _("%(numbers)s and %(n)d more") % {"numbers": comma.join(shown), "n": len(numbers) - 12}
    if len(shown) < 2:
        return "".join(shown)
    return _("%(numbers)s and %(last)s") % {"numbers": comma.join(shown[:-1]), "last": shown[-1]}


def scenes_refused_message(numbers: list[int], reason: str) -> Message:
    """Return "Scene 2: reason" or "Scenes 2 and 4: reason"."""
    return build_message("scenes_refused", numbers={"scenes": numbers}, n=len(numbers), why=reason)
