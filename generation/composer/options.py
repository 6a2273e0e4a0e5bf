"""What the Create page offers: every option of every engine, with the reason where the chosen one cannot do it."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from generation import access
from generation.composer import capabilities
from generation.composer.pricing import estimate_cost
from generation.composer.providers_for_user import Offer, find_video_offer, offers, usable_connections
from generation.forms import TAKES, ClipForm, model_options
from generation.media import storage
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip
from generation.providers import image_limits
from generation.providers.adapters.local.options import OPTIONS, SCENE_SLOTS
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.registry import providers
from generation.providers.styles import samples


def composer_context(request, form: ClipForm) -> dict:
    """Everything the composer shows for what the form holds now, made to fit the engine that is chosen."""
    held = _held(form)
    known = offers(
        form.connections if form.connections is not None else usable_connections(request.user, request.workspace)
    )
    chosen = _chosen(known, held)
    models = chosen.engine.capabilities_in(request.workspace)
    capability = _model(models, held["model"], _own_model(chosen))
    start = _start(request, held)
    missing = _missing(known, held)
    held |= _fitted(held, capability, keeps_pair=form.is_bound)
    asked = _asked(form, held, capability)
    takes_videos = find_video_offer(known, request.workspace) is not None
    tab = _tab(request, start, takes_videos=takes_videos)
    return {
        "held": held,
        "tab": tab,
        "styles": samples(),
        "engines": _groups(known, chosen, asked, request.workspace, wants_video=tab == "video"),
        "unconnected": [offer for offer in known if not offer.is_ready],
        "missing": missing,
        "chosen": chosen,
        "models": [_model_row(each, capability) for each in models],
        "capability": capability,
        "ratios": [_option(capability, asked, "ratio", ratio, held) for ratio in Clip.Ratio.values],
        "undrawn": [ratio for ratio in Clip.Ratio.values if ratio not in capability.ratios],
        **_length_and_sharpness(capability, asked),
        "has_ruler": _is_unbroken(capability.seconds),
        "takes": [{"value": n, "is_chosen": n == held["takes"]} for n in TAKES],
        "takes_pictures": Mode.PICTURE in capability.modes,
        "takes_last": Mode.FIRST_LAST in capability.modes,
        "takes_references": Mode.REFERENCES in capability.modes,
        "picture_limits": [] if chosen.engine.is_local else image_limits.hints(capability),
        "ways": None
        if chosen.engine.is_local
        else capabilities.for_creators(capabilities.new_clip_traits(chosen.engine, capability)),
        "draws_videos": Mode.VIDEO in capability.modes,
        "takes_videos": takes_videos,
        "cost": estimate_cost(chosen, asked, held["takes"]),
        "options": [_extra(option, form) for option in model_options(capability)],
        **start,
    }


def _held(form: ClipForm) -> dict:
    """What the form shows now: what was sent, or what it starts with, made numbers where they are numbers."""
    held = {name: form[name].value() for name in form.fields}
    for name, default in {"resolution": 720, "seconds": 5, "takes": 1}.items():
        held[name] = _whole(held[name], default)
    if held["ratio"] not in Clip.Ratio.values:
        held["ratio"] = "16:9"
    if held["takes"] not in TAKES:
        held["takes"] = 1
    for name, default in {"style": "cel", "provider": next(iter(providers()))}.items():
        held[name] = held[name] or default
    return held


def _whole(sent, default: int) -> int:
    """A number that prices can be reckoned with; ``default`` for what is none, or has more digits than any choice."""
    try:
        number = int(sent)
    except (TypeError, ValueError):
        return default
    return number if 0 < number < 10_000 else default


def _chosen(known: list[Offer], held: dict) -> Offer:
    """The engine that is chosen, through the account that is chosen; the first engine for one that is not to be had."""
    offer = next((each for each in known if each.engine.slug == held["provider"] and each.is_ready), known[0])
    account = next((each for each in offer.connections if str(each.pk) == str(held["connection"])), None)
    return replace(offer, connection=account) if account else offer


def _missing(known: list[Offer], held: dict) -> Offer | None:
    """The engine that was asked for and has no account."""
    return next((each for each in known if each.engine.slug == held["provider"] and not each.is_ready), None)


def _model(models: tuple[Capability, ...], *names: str) -> Capability:
    """The first of the names that there is; else the first model that was not retired."""
    known = {each.model: each for each in models}
    rest = [each for each in models if not each.is_retired] or models
    return next((known[name] for name in names if name in known), rest[0])


def _own_model(offer: Offer) -> str:
    return offer.connection.default_model if offer.connection else ""


def _model_row(each: Capability, chosen: Capability) -> dict:
    return {"model": each, "is_chosen": each.model == chosen.model}


def _fitted(held: dict, capability: Capability, *, keeps_pair=False) -> dict:
    """What has to change: the nearest that the model can do, 6 s where it draws no 5, 1080 where it draws no 720, and
    of what does not go with that length the nearest that does. ``keeps_pair``: what was sent and is refused for that
    stays as it was sent, beside the reason."""
    seconds = min(capability.seconds, key=lambda n: (abs(n - held["seconds"]), n))
    lines = [n for n in capability.resolutions if keeps_pair or not capability.apart(seconds, n)]
    fitted = {
        "model": capability.model,
        "seconds": seconds,
        "resolution": min(lines or capability.resolutions, key=lambda n: (abs(n - held["resolution"]), n)),
    }
    if held["ratio"] not in capability.ratios:
        fitted["ratio"] = capability.ratios[0]
    return fitted


def _asked(form: ClipForm, held: dict, capability: Capability) -> ClipRequest:
    """The engine's view of what is held, for prices and reasons."""
    return ClipRequest(
        prompt="-",
        ratio=held["ratio"],
        seconds=held["seconds"],
        resolution=held["resolution"],
        seed=0,
        model=capability.model,
        style=held["style"],
        options={"audio": True} if capability.has_audio and form.told("audio") else {},
        mode=_mode(form, held),
    )


def _mode(form: ClipForm, held: dict) -> Mode:
    if form.is_bound:
        return form.mode()
    if held["video"]:
        return Mode.VIDEO
    if held["last_picture"] or held["last_picture_file"]:
        return Mode.FIRST_LAST
    if held["picture"] or held["picture_file"] or held["continues"]:
        return Mode.PICTURE
    return Mode.REFERENCES if held["references"] or held["reference_files"] else Mode.WORDS


def _is_unbroken(seconds: tuple[int, ...]) -> bool:
    """Every length between the shortest and the longest can be drawn: a ruler fits."""
    return len(seconds) > 2 and list(seconds) == list(range(min(seconds), max(seconds) + 1))


def chosen_scene_options(form) -> dict[str, str]:
    """What is chosen beside the words of what words can say too: place, time, weather, camera, sound."""
    offered = {option.name: dict(option.choices) for option in OPTIONS if option.name in (*SCENE_SLOTS, "sound")}
    told = {name: next(iter(form.told(name)), "") for name in offered}
    return {name: value for name, value in told.items() if value and value in offered[name]}


def _option(capability, asked, name, value, held) -> dict:
    reason = capability.reasons_against(replace(asked, **{name: value})).get(name, "")
    return {"value": value, "reason": reason, "is_chosen": value == held[name]}


def _length_and_sharpness(capability: Capability, asked: ClipRequest) -> dict:
    """Each with the reason where it does not go with what is chosen beside it; what is chosen itself stays pressable,
    or it would not be sent. ``longest``: where a ruler ends."""
    lengths = [
        {"value": n, "is_chosen": n == asked.seconds, "reason": capability.too_long(replace(asked, seconds=n))}
        for n in capability.seconds
    ]
    sharpness = [
        {"value": n, "is_chosen": n == asked.resolution, "reason": capability.apart(asked.seconds, n)}
        for n in capability.resolutions
    ]
    for each in (*lengths, *sharpness):
        each["reason"] = "" if each["is_chosen"] else each["reason"]
    can_be = [each["value"] for each in lengths if not each["reason"]]
    return {
        "lengths": lengths,
        "resolutions": sharpness,
        "longest": max(can_be),
        "too_long": dict.fromkeys(each["reason"] for each in lengths if each["reason"]),
        "too_sharp": dict.fromkeys(each["reason"] for each in sharpness if each["reason"]),
    }


def _extra(option, form) -> dict:
    """A model's own option, with what is chosen of it now."""
    values = form.told(option.name)
    choices = [{"value": value, "label": label, "is_chosen": value in values} for value, label in option.choices]
    if option.kind == "one" and choices and not any(each["is_chosen"] for each in choices):
        choices[0]["is_chosen"] = True
    text = str(values[0]) if values and option.kind == "text" else ""
    return {"option": option, "name": f"option_{option.name}", "choices": choices, "text": text, "is_on": bool(values)}


def _tab(request, start: dict, *, takes_videos: bool) -> str:
    """words, picture or video: what the shot starts from. Where nobody draws a video anew, its tab is for effects over
    one; a shot that was asked for all the same keeps its form, which says why not."""
    wanted = "video" if start["video"] else (request.POST or request.GET).get("tab")
    is_shown = takes_videos or request.method != "POST"
    return wanted if wanted == "picture" or (wanted == "video" and is_shown) else "words"


def _groups(known: list[Offer], chosen: Offer, asked: ClipRequest, workspace, *, wants_video: bool) -> list[tuple]:
    """(heading, engines): those of this machine, then those with an account; of these the chosen one stands first,
    since their list may be longer than what is seen of it at once."""
    rows = [_row(offer, chosen, asked, workspace) for offer in known if offer.is_ready]
    for row in rows if wants_video else ():
        if find_video_offer([row["offer"]], workspace) is None:
            row["reason"] = _("Doesn’t support video to video")
    here = [row for row in rows if row["offer"].engine.is_local]
    elsewhere = sorted((row for row in rows if row not in here), key=lambda row: not row["is_chosen"])
    return [(words, found) for words, found in ((_("Built in"), here), (_("Connected"), elsewhere)) if found]


def _row(offer: Offer, chosen: Offer, asked: ClipRequest, workspace) -> dict:
    """An engine to choose, with what one take of this size costs there by its first model."""
    is_chosen = offer.engine.slug == chosen.engine.slug
    offer = chosen if is_chosen else offer
    if not is_chosen:
        asked = _nearest(asked, offer, workspace)
    return {"offer": offer, "is_chosen": is_chosen, "cost": estimate_cost(offer, asked, 1), "reason": ""}


def _nearest(asked: ClipRequest, offer: Offer, workspace) -> ClipRequest:
    models = offer.engine.capabilities_in(workspace)
    capability = _model(models, _own_model(offer))
    held = {"ratio": asked.ratio, "seconds": asked.seconds, "resolution": asked.resolution}
    return replace(asked, **_fitted(held, capability))


def _start(request, held) -> dict:
    """The pictures or the clip that the shot starts from and ends on, where the visitor may see them."""
    picture = _found(access.get_picture, request, held["picture"])
    last = _found(access.get_picture, request, held["last_picture"])
    continues = _found(access.get_clip, request, held["continues"])
    video = _found(access.get_video, request, held["video"])
    ids = held["references"] if isinstance(held["references"], list | tuple) else []
    references = [found for pk in ids[:10] if (found := _found(access.get_picture, request, pk))]
    return {
        "picture": picture,
        "picture_url": storage.create_link(picture.key) if picture else "",
        "last_picture": last and {"row": last, "url": storage.create_link(last.key)},
        "references": [{"row": each, "url": storage.create_link(each.key)} for each in references],
        "continues": continues,
        "can_go_on": bool(continues) and continues.can_be_continued,
        "last_moment": max(0, continues.frames - 0.5) / MEZZANINE_FPS if continues else 0,
        "video": video,
        "poster": storage.create_link(video.poster_key) if video and video.is_ready else "",
    }


def _found(find, request, pk):
    """The row a form names, or nothing where it names none that the visitor may see."""
    try:
        return find(request.user, request.workspace, pk) if pk else None
    except (Http404, ValidationError):
        return None
