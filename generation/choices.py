"""What the Create page offers: every option of every engine, with the reason where the chosen one cannot do it."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.money import money
from generation import access, storage
from generation.forms import TAKES, ClipForm
from generation.models import Clip
from generation.providers.animatic.understanding import missing_slots
from generation.providers.base import Mode
from generation.providers.registry import providers
from generation.styles import samples

RESOLUTIONS = (480, 720, 1080)


def choices_for(request, form: ClipForm) -> dict:
    """Everything the composer shows for what the form holds now."""
    held = _held(form)
    engine = providers().get(held["provider"]) or next(iter(providers().values()))
    capability = engine.capability()
    asked = ClipForm({**ClipForm.DEFAULTS, "prompt": "-", "provider": engine.slug})
    asked.is_valid()
    base = asked.request()
    return {
        "held": held,
        "styles": samples(),
        "engines": [_engine(each, base, held) for each in providers().values()],
        "ratios": [_option(capability, base, "ratio", ratio, held) for ratio in Clip.Ratio.values],
        "resolutions": [_option(capability, base, "resolution", lines, held) for lines in RESOLUTIONS],
        "takes": [{"value": n, "is_chosen": n == held["takes"]} for n in TAKES],
        "seconds_least": min(capability.seconds),
        "seconds_most": max(capability.seconds),
        "has_pictures": Mode.PICTURE in capability.modes,
        "has_videos": Mode.VIDEO in capability.modes,
        "cost": _cost(engine, base, held),
        "options": [_extra(option, form) for option in capability.options],
        **_start(request, held),
    }


SLOT_NAMES = {
    "camera": gettext_lazy("camera"),
    "light": gettext_lazy("light"),
    "weather": gettext_lazy("weather"),
    "motion": gettext_lazy("motion"),
}


def suggestions_for(found) -> list[tuple[str, str, tuple[str, ...]]]:
    """(slot, its name, example words in the reader's language) for what the words leave open."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [(slot, SLOT_NAMES[slot], words[language]) for slot, words in missing_slots(found).items()]


def _held(form: ClipForm) -> dict:
    """What the form shows now: what was sent, or what it starts with, made numbers where they are numbers."""
    held = {name: form[name].value() for name in form.fields}
    for name, default in {"resolution": 720, "seconds": 5, "takes": 1}.items():
        held[name] = _whole(held[name], default)
    if held["ratio"] not in Clip.Ratio.values:
        held["ratio"] = "16:9"
    for name, default in {"style": "cel", "provider": "animatic"}.items():
        held[name] = held[name] or default
    return held


def _whole(sent, default: int) -> int:
    """A number that prices can be reckoned with; ``default`` for what is none, or has more digits than any choice."""
    try:
        number = int(sent)
    except (TypeError, ValueError):
        return default
    return number if 0 < number < 10_000 else default


def _option(capability, base, name, value, held) -> dict:
    reason = capability.reasons_against(replace(base, **{name: value})).get(name, "")
    return {"value": value, "reason": reason, "is_chosen": value == held[name]}


def _extra(option, form) -> dict:
    """A model's own option, with what is chosen of it now."""
    if form.is_bound:
        values = form.sent(f"option_{option.name}")
    else:
        value = (form.initial.get("options") or {}).get(option.name, [])
        values = value if isinstance(value, list) else [value] if value else []
    choices = [{"value": value, "label": label, "is_chosen": value in values} for value, label in option.choices]
    if option.kind == "one" and choices and not any(each["is_chosen"] for each in choices):
        choices[0]["is_chosen"] = True
    text = str(values[0]) if values and option.kind == "text" else ""
    return {"option": option, "name": f"option_{option.name}", "choices": choices, "text": text, "is_on": bool(values)}


def _engine(engine, base, held) -> dict:
    return {
        "slug": engine.slug,
        "label": engine.label,
        "byline": engine.byline,
        "is_chosen": engine.slug == held["provider"],
        "cost": _cost(engine, base, held | {"takes": 1}),
    }


def _cost(engine, base, held) -> dict:
    """``price`` in words for all takes, ``wait`` in words for the last of them."""
    sized = replace(base, ratio=held["ratio"], resolution=held["resolution"], seconds=held["seconds"])
    estimate = engine.estimate(sized)
    takes = held["takes"]
    price = money(estimate.price * takes, estimate.currency) if estimate.price else _("free")
    wait = max(1, round(estimate.seconds * takes))
    return {"price": price, "wait": ngettext("about %(n)s s", "about %(n)s s", wait) % {"n": wait}}


def _start(request, held) -> dict:
    """The picture or the clip that the shot starts from, if the visitor may see it."""
    picture = _found(access.picture_to_see, request, held["picture"])
    continues = _found(access.clip_to_see, request, held["continues"])
    return {"picture": picture, "picture_url": storage.link(picture.key) if picture else "", "continues": continues}


def _found(find, request, pk):
    """The row a form names, or nothing where it names none that the visitor may see."""
    try:
        return find(request, pk) if pk else None
    except (Http404, ValidationError):
        return None
