"""Build the context of the Create page: the options of every provider, with reasons for those that cannot be chosen."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.billing.spender import Spender
from accounts.viewer import Viewer
from generation import access
from generation.clip_spec import ClipSpec
from generation.composer import capabilities
from generation.forms import TAKES, ClipForm, find_price_cap, model_options
from generation.media import storage
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import Clip, StyleWords
from generation.offers.connections import filter_picture_readers, list_usable_connections
from generation.offers.offer import Offer, build_offers, find_offer
from generation.offers.pricing import estimate_cost
from generation.providers import image_limits
from generation.providers.adapters.local.options import OPTIONS, SCENE_SLOTS
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.prompt import STYLE_PROMPTS
from generation.providers.registry import providers
from generation.providers.styles import NAMES, list_samples


def build_composer_context(request, form: ClipForm) -> dict:
    """Return everything that the composer shows for the form's values, adjusted to the chosen provider and model."""
    user, workspace, values = request.user, request.workspace, _read_form_values(form)
    connections = form.connections if form.connections is not None else list_usable_connections(user, workspace)
    all_offers = build_offers(connections)
    chosen = _choose_offer(all_offers, values)
    models = chosen.engine.capabilities_in(workspace)
    capability = _choose_model(models, values["model"], _get_default_model(chosen))
    sources = _find_sources(request.viewer, values)
    values |= _fit_values(values, capability, keeps_pair=form.is_bound)
    clip_request = _build_request(form, values, capability)
    has_video_provider = find_offer(all_offers, workspace, Mode.VIDEO) is not None
    cost = estimate_cost(chosen, clip_request, values["takes"], Spender(workspace, user))
    tab = _choose_tab(request, sources, has_video_provider=has_video_provider)
    return {
        "values": values,
        "tab": tab,
        "styles": list_samples(),
        "style_words": _list_style_words(workspace),
        "picture_readers": filter_picture_readers(connections),
        "engines": _group_offers(all_offers, chosen, clip_request, workspace, wants_video=tab == "video"),
        "unconnected": [offer for offer in all_offers if not offer.is_ready],
        "missing": _find_unconnected(all_offers, values),
        "chosen": chosen,
        "models": [{"model": model, "is_chosen": model.model == capability.model} for model in models],
        "takes": [{"value": n, "is_chosen": n == values["takes"]} for n in TAKES],
        "has_video_provider": has_video_provider,
        "cost": cost,
        "price_cap": None if cost["is_known"] else find_price_cap(workspace, chosen.engine.slug, capability.model),
        "options": [_build_option_row(option, form) for option in model_options(chosen.engine, capability)],
        **_build_model_context(chosen, capability),
        **_build_size_choices(capability, clip_request),
        **sources,
    }


def _list_style_words(workspace) -> list[tuple[str, str]]:
    """Return the name of each style and what the workspace adds to a provider's prompt for it."""
    words = STYLE_PROMPTS | StyleWords.objects.read_words(workspace)
    return [(name, words[slug]) for slug, name in NAMES.items()]


def _build_model_context(chosen: Offer, capability: Capability) -> dict:
    """Return what the chosen model supports."""
    is_local = chosen.engine.is_local
    return {
        "capability": capability,
        "undrawn": [ratio for ratio in Clip.Ratio.values if ratio not in capability.ratios],
        "has_ruler": _is_continuous(capability.seconds),
        "supports_pictures": Mode.PICTURE in capability.modes,
        "supports_last_frame": Mode.FIRST_LAST in capability.modes,
        "supports_references": Mode.REFERENCES in capability.modes,
        "supports_videos": Mode.VIDEO in capability.modes,
        "picture_limits": [] if is_local else image_limits.describe_limits(capability),
        "traits": None
        if is_local
        else capabilities.describe_to_users(capabilities.get_new_clip_traits(chosen.engine, capability)),
    }


def _read_form_values(form: ClipForm) -> dict:
    """Return the sent or initial values, with valid numbers, ratio, takes, style and provider."""
    values = {name: form[name].value() for name in form.fields}
    for name, default in {"resolution": 720, "seconds": 5, "takes": 1}.items():
        values[name] = _to_number(values[name], default)
    if values["ratio"] not in Clip.Ratio.values:
        values["ratio"] = "16:9"
    if values["takes"] not in TAKES:
        values["takes"] = 1
    for name, default in {"style": "cel", "provider": next(iter(providers()))}.items():
        values[name] = values[name] or default
    return values


def _to_number(sent, default: int) -> int:
    """Return a number from 1 to 9,999; ``default`` for anything else."""
    try:
        number = int(sent)
    except (TypeError, ValueError):
        return default
    return number if 0 < number < 10_000 else default


def _choose_offer(offers: list[Offer], values: dict) -> Offer:
    """Return the chosen provider with the chosen connection; the first provider if the chosen one cannot be used."""
    ready = (offer for offer in offers if offer.engine.slug == values["provider"] and offer.is_ready)
    offer = next(ready, offers[0])
    connection = next((row for row in offer.connections if str(row.pk) == str(values["connection"])), None)
    return replace(offer, connection=connection) if connection else offer


def _find_unconnected(offers: list[Offer], values: dict) -> Offer | None:
    """Return the chosen provider if it has no connection."""
    return next((offer for offer in offers if offer.engine.slug == values["provider"] and not offer.is_ready), None)


def _choose_model(models: tuple[Capability, ...], *names: str) -> Capability:
    """Return the first of the named models that exists; else the first one that is not retired."""
    by_name = {model.model: model for model in models}
    current = [model for model in models if not model.is_retired] or models
    return next((by_name[name] for name in names if name in by_name), current[0])


def _get_default_model(offer: Offer) -> str:
    return offer.connection.default_model if offer.connection else ""


def _fit_values(values: dict, capability: Capability, *, keeps_pair=False) -> dict:
    """Return the values that must change: the nearest length and resolution that the model supports.

    ``keeps_pair``: keep a length and a resolution that the model cannot combine, since the form shows the reason.
    """
    seconds = min(capability.seconds, key=lambda n: (abs(n - values["seconds"]), n))
    resolutions = [n for n in capability.resolutions if keeps_pair or not capability.explain_combination(seconds, n)]
    nearest = min(resolutions or capability.resolutions, key=lambda n: (abs(n - values["resolution"]), n))
    fitted = {"model": capability.model, "seconds": seconds, "resolution": nearest}
    if values["ratio"] not in capability.ratios:
        fitted["ratio"] = capability.ratios[0]
    return fitted


def _build_request(form: ClipForm, values: dict, capability: Capability) -> ClipRequest:
    """Return a request for estimating prices and finding conflicts. Its prompt is a placeholder."""
    spec = ClipSpec(
        prompt="-",
        provider=values["provider"],
        model=capability.model,
        style=values["style"],
        ratio=values["ratio"],
        seconds=values["seconds"],
        resolution=values["resolution"],
        options={"audio": True} if capability.has_audio and form.get_option_values("audio") else {},
    )
    count = form.count_references() if form.is_bound else len(values["references"] or ())
    return replace(spec.to_request(), mode=_get_mode(form, values), reference_count=count)


def _get_mode(form: ClipForm, values: dict) -> Mode:
    if form.is_bound:
        return form.get_mode()
    if values["video"]:
        return Mode.VIDEO
    if values["last_picture"] or values["last_picture_file"]:
        return Mode.FIRST_LAST
    if values["picture"] or values["picture_file"] or values["continues"]:
        return Mode.PICTURE
    return Mode.REFERENCES if values["references"] or values["reference_files"] else Mode.WORDS


def _is_continuous(seconds: tuple[int, ...]) -> bool:
    """Return whether every length from the shortest to the longest is supported, so that a slider can offer them."""
    return len(seconds) > 2 and list(seconds) == list(range(min(seconds), max(seconds) + 1))


def get_chosen_scene_options(form) -> dict[str, str]:
    """Return the chosen place, time, weather, camera and sound, which the prompt can name as well."""
    offered = {option.name: dict(option.choices) for option in OPTIONS if option.name in (*SCENE_SLOTS, "sound")}
    chosen = {name: next(iter(form.get_option_values(name)), "") for name in offered}
    return {name: value for name, value in chosen.items() if value and value in offered[name]}


def _build_size_choices(capability: Capability, request: ClipRequest) -> dict:
    """Return ratios, lengths and resolutions, each with a ``reason`` if it conflicts with the other choices.

    The chosen length and resolution never have a reason: a choice with a reason is disabled, and would not be sent.
    ``longest`` is the maximum of the slider, in seconds.
    """
    ratios = [_build_choice(n, request.ratio, _get_ratio_reason(capability, request, n)) for n in Clip.Ratio.values]
    seconds, resolution = request.seconds, request.resolution
    lengths = [
        _build_choice(n, seconds, n != seconds and capability.explain_length(replace(request, seconds=n)))
        for n in capability.seconds
    ]
    resolutions = [
        _build_choice(n, resolution, n != resolution and capability.explain_combination(seconds, n))
        for n in capability.resolutions
    ]
    return {
        "ratios": ratios,
        "lengths": lengths,
        "resolutions": resolutions,
        "longest": max(row["value"] for row in lengths if not row["reason"]),
        "too_long": dict.fromkeys(row["reason"] for row in lengths if row["reason"]),
        "too_sharp": dict.fromkeys(row["reason"] for row in resolutions if row["reason"]),
    }


def _get_ratio_reason(capability: Capability, request: ClipRequest, ratio: str) -> str:
    return capability.find_conflicts(replace(request, ratio=ratio)).get("ratio", "")


def _build_choice(value, chosen, reason) -> dict:
    return {"value": value, "reason": reason or "", "is_chosen": value == chosen}


def _build_option_row(option, form) -> dict:
    """Return a model's own option with its chosen values."""
    values = form.get_option_values(option.name)
    choices = [{"value": value, "label": label, "is_chosen": value in values} for value, label in option.choices]
    if option.kind == "one" and choices and not any(choice["is_chosen"] for choice in choices):
        choices[0]["is_chosen"] = True
    text = str(values[0]) if values and option.kind == "text" else ""
    return {"option": option, "name": f"option_{option.name}", "choices": choices, "text": text, "is_on": bool(values)}


def _choose_tab(request, sources: dict, *, has_video_provider: bool) -> str:
    """Return the tab to show: words, picture or video. Without a provider for videos, the video tab only offers
    effects, so a form that was sent is shown again on the words tab, with its fields and the reason."""
    wanted = "video" if sources["video"] else (request.POST or request.GET).get("tab")
    is_shown = has_video_provider or request.method != "POST"
    return wanted if wanted == "picture" or (wanted == "video" and is_shown) else "words"


def _group_offers(offers: list[Offer], chosen: Offer, request: ClipRequest, workspace, *, wants_video: bool) -> list:
    """Return (heading, rows) of the local providers, then of the connected ones. If a connected one is chosen, it comes
    first, since only the start of a long list is visible."""
    rows = [_build_offer_row(offer, chosen, request, workspace) for offer in offers if offer.is_ready]
    for row in rows if wants_video else ():
        if find_offer([row["offer"]], workspace, Mode.VIDEO) is None:
            row["reason"] = _("Doesn’t support video to video")
    local = [row for row in rows if row["offer"].engine.is_local]
    remote = sorted((row for row in rows if row not in local), key=lambda row: not row["is_chosen"])
    return [(heading, group) for heading, group in ((_("Built in"), local), (_("Connected"), remote)) if group]


def _build_offer_row(offer: Offer, chosen: Offer, request: ClipRequest, workspace) -> dict:
    """Return the row of a provider with the cost of one take: by the chosen model, or, for another provider, by its
    default model at the nearest size."""
    is_chosen = offer.engine.slug == chosen.engine.slug
    if is_chosen:
        offer = chosen
    else:
        request = _fit_request(request, offer, workspace)
    return {"offer": offer, "is_chosen": is_chosen, "cost": estimate_cost(offer, request, 1), "reason": ""}


def _fit_request(request: ClipRequest, offer: Offer, workspace) -> ClipRequest:
    capability = _choose_model(offer.engine.capabilities_in(workspace), _get_default_model(offer))
    values = {"ratio": request.ratio, "seconds": request.seconds, "resolution": request.resolution}
    return replace(request, **_fit_values(values, capability))


def _find_sources(viewer: Viewer, values) -> dict:
    """Return the pictures, the clip and the video that the form names, if the user may see them."""

    def find(get, pk):
        try:
            return get(viewer, pk) if pk else None
        except (Http404, ValidationError):
            return None

    picture, last = find(access.get_picture, values["picture"]), find(access.get_picture, values["last_picture"])
    continues, video = find(access.get_clip, values["continues"]), find(access.get_video, values["video"])
    ids = values["references"] if isinstance(values["references"], list | tuple) else []
    references = [found for pk in ids[:10] if (found := find(access.get_picture, pk))]
    return {
        "picture": picture,
        "picture_url": storage.create_link(picture.key) if picture else "",
        "last_picture": last and {"row": last, "url": storage.create_link(last.key)},
        "references": [{"row": row, "url": storage.create_link(row.key)} for row in references],
        "continues": continues,
        "can_be_continued": bool(continues) and continues.can_be_continued,
        "last_moment": max(0, continues.frames - 0.5) / MEZZANINE_FPS if continues else 0,
        "video": video,
        "poster": storage.create_link(video.poster_key) if video and video.is_ready else "",
    }
