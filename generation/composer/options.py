"""Build what the Create page shows: the options of every provider, with reasons for those that cannot be chosen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

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
from generation.models import Clip, Picture, PriceCap, StyleWords, Video
from generation.offers.connections import filter_picture_readers, list_usable_connections
from generation.offers.offer import Offer, build_offers, find_offer
from generation.offers.pricing import estimate_cost
from generation.providers import image_limits
from generation.providers.adapters.local.options import OPTIONS, SCENE_SLOTS
from generation.providers.base import Capability, ClipRequest, Mode, Option
from generation.providers.models import Connection
from generation.providers.prompt import STYLE_PROMPTS
from generation.providers.registry import providers
from generation.providers.remote import RemoteProvider
from generation.providers.styles import AUTOMATIC, COLOUR, NAMES, list_samples

Row = TypeVar("Row")


@dataclass(frozen=True)
class Choice:
    """A value that can be chosen, and why not. ``is_chosen``: the form has it."""

    value: Any
    is_chosen: bool
    reason: str = ""
    label: Any = ""


@dataclass(frozen=True)
class OptionRow:
    """A model's own option with the name of its field: ``choices``, a ``text`` or a switch (``is_on``)."""

    option: Option
    name: str
    choices: list[Choice]
    text: str
    is_on: bool


@dataclass(frozen=True)
class OfferRow:
    """A provider in the list with the cost of one take. ``reason``: why it does not do what is asked."""

    offer: Offer
    is_chosen: bool
    cost: dict
    reason: str = ""


@dataclass(frozen=True)
class LinkedPicture:
    row: Picture
    url: str


@dataclass(frozen=True)
class Sources:
    """The pictures, the clip and the video that the form names, as far as the viewer may see them.

    ``last_moment``: of the clip to continue, in seconds. ``poster``: the address of the video's picture.
    """

    picture: Picture | None
    picture_url: str
    last_picture: LinkedPicture | None
    references: list[LinkedPicture]
    continues: Clip | None
    can_be_continued: bool
    last_moment: float
    video: Video | None
    poster: str


@dataclass(frozen=True)
class ModelSupport:
    """What the chosen model supports. ``undrawn``: the ratios that it does not; ``traits``: None if it is local."""

    capability: Capability
    undrawn: list[str]
    has_ruler: bool
    supports_pictures: bool
    supports_last_frame: bool
    supports_references: bool
    supports_videos: bool
    picture_limits: list[str]
    traits: dict | None


@dataclass(frozen=True)
class Sizes:
    """Ratios, lengths and resolutions, each with a reason if it conflicts with the other choices.

    The chosen length and resolution never have a reason: a choice with a reason is disabled, and would not be sent.
    ``longest`` is the maximum of the slider, in seconds; ``length_reasons`` and ``resolution_reasons`` say why the
    disabled ones cannot be chosen.
    """

    ratios: list[Choice]
    lengths: list[Choice]
    resolutions: list[Choice]

    @property
    def longest(self) -> int:
        return max(row.value for row in self.lengths if not row.reason)

    @property
    def length_reasons(self) -> list[str]:
        return list(dict.fromkeys(row.reason for row in self.lengths if row.reason))

    @property
    def resolution_reasons(self) -> list[str]:
        return list(dict.fromkeys(row.reason for row in self.resolutions if row.reason))


@dataclass(frozen=True)
class Composer:
    """Everything that the composer shows for the form's values, adjusted to the chosen provider and model.

    ``engines``: (heading, rows) of the usable providers; ``unconnected``: offers of those that need a connection, of
    which ``missing`` was chosen. ``price_cap``: the agreed cap of a model whose price is unknown.
    """

    values: dict
    tab: str
    style_words: list[tuple[Any, str]]
    picture_readers: list[Connection]
    engines: list[tuple[str, list[OfferRow]]]
    unconnected: list[Offer]
    missing: Offer | None
    chosen: Offer
    models: list[Choice]
    takes: list[Choice]
    has_video_provider: bool
    cost: dict
    price_cap: PriceCap | None
    options: list[OptionRow]
    support: ModelSupport
    sizes: Sizes
    sources: Sources

    def to_context(self) -> dict[str, Any]:
        """Return the template variables: the fields, with those of ``support`` and ``sources`` beside them."""
        return {**vars(self), **vars(self.support), **vars(self.sources), "styles": list_samples(has_automatic=True)}


def build_composer(viewer: Viewer, form: ClipForm, *, wanted_tab: str = "", is_sent: bool = False) -> Composer:
    """Return the composer. ``wanted_tab``: of the address or the form; ``is_sent``: the form was sent."""
    workspace, values = viewer.workspace, _read_form_values(form)
    connections = list_usable_connections(viewer, workspace) if form.connections is None else form.connections
    all_offers = build_offers(connections)
    chosen = _choose_offer(all_offers, values)
    models = chosen.engine.capabilities_in(workspace)
    capability = _choose_model(models, values["model"], _get_default_model(chosen))
    sources = _find_sources(viewer, values)
    values |= _fit_values(values, capability, keeps_pair=form.is_bound)
    clip_request = _build_request(form, values, capability)
    has_video_provider = find_offer(all_offers, workspace, Mode.VIDEO) is not None
    cost = estimate_cost(chosen, clip_request, values["takes"], Spender(workspace, viewer.member))
    tab = _choose_tab("video" if sources.video else wanted_tab, has_video=has_video_provider or not is_sent)
    return Composer(
        values=values,
        tab=tab,
        style_words=_list_style_words(workspace),
        picture_readers=filter_picture_readers(connections),
        engines=_group_offers(all_offers, chosen, clip_request, workspace, wants_video=tab == "video"),
        unconnected=[offer for offer in all_offers if not offer.is_ready],
        missing=_find_unconnected(all_offers, values),
        chosen=chosen,
        models=[Choice(model, model.model == capability.model) for model in models],
        takes=[Choice(n, n == values["takes"]) for n in TAKES],
        has_video_provider=has_video_provider,
        cost=cost,
        price_cap=None if cost["is_known"] else find_price_cap(workspace, chosen.engine.slug, capability.model),
        options=[_build_option_row(option, form) for option in model_options(chosen.engine, capability)],
        support=_build_support(chosen, capability),
        sizes=_build_sizes(capability, clip_request),
        sources=sources,
    )


def _list_style_words(workspace) -> list[tuple[Any, str]]:
    """Return the name of each style and what the workspace adds to a provider's prompt for it."""
    words = STYLE_PROMPTS | StyleWords.objects.read_words(workspace)
    return [(name, words[slug]) for slug, name in NAMES.items()]


def _build_support(chosen: Offer, capability: Capability) -> ModelSupport:
    engine, traits = chosen.engine, None
    if isinstance(engine, RemoteProvider):
        traits = capabilities.describe_to_users(capabilities.get_new_clip_traits(engine, capability))
    return ModelSupport(
        capability=capability,
        undrawn=[ratio for ratio in Clip.Ratio.values if ratio not in capability.ratios],
        has_ruler=_is_continuous(capability.seconds),
        supports_pictures=Mode.PICTURE in capability.modes,
        supports_last_frame=Mode.FIRST_LAST in capability.modes,
        supports_references=Mode.REFERENCES in capability.modes,
        supports_videos=Mode.VIDEO in capability.modes,
        picture_limits=[] if engine.is_local else image_limits.describe_limits(capability),
        traits=traits,
    )


def _read_form_values(form: ClipForm) -> dict:
    """Return the sent or initial values, with valid numbers, ratio, takes, style and provider."""
    values = {name: form[name].value() for name in form.fields}
    for name, default in {"resolution": 720, "seconds": 5, "takes": 1}.items():
        values[name] = _to_number(values[name], default)
    if values["ratio"] not in Clip.Ratio.values:
        values["ratio"] = "16:9"
    if values["takes"] not in TAKES:
        values["takes"] = 1
    values["style"] = values["style"] or COLOUR
    values["provider"] = values["provider"] or next(iter(providers()))
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
        style=COLOUR if values["style"] == AUTOMATIC else values["style"],
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


def _build_sizes(capability: Capability, request: ClipRequest) -> Sizes:
    seconds, resolution = request.seconds, request.resolution
    return Sizes(
        [Choice(n, n == request.ratio, _get_ratio_reason(capability, request, n)) for n in Clip.Ratio.values],
        [
            Choice(n, n == seconds, "" if n == seconds else capability.explain_length(replace(request, seconds=n)))
            for n in capability.seconds
        ],
        [
            Choice(n, n == resolution, "" if n == resolution else capability.explain_combination(seconds, n))
            for n in sorted(capability.resolutions)
        ],
    )


def _get_ratio_reason(capability: Capability, request: ClipRequest, ratio: str) -> str:
    return capability.find_conflicts(replace(request, ratio=ratio)).get("ratio", "")


def _build_option_row(option: Option, form: ClipForm) -> OptionRow:
    """Return a model's own option with its chosen values."""
    values = form.get_option_values(option.name)
    choices = [Choice(value, value in values, label=label) for value, label in option.choices]
    if option.kind == "one" and choices and not any(choice.is_chosen for choice in choices):
        choices[0] = replace(choices[0], is_chosen=True)
    text = str(values[0]) if values and option.kind == "text" else ""
    return OptionRow(option, f"option_{option.name}", choices, text, bool(values))


def _choose_tab(wanted: str, *, has_video: bool) -> str:
    """Return the tab to show: words, picture or video. Without a provider for videos, the video tab only offers
    effects, so a form that was sent is shown again on the words tab, with its fields and the reason."""
    return wanted if wanted == "picture" or (wanted == "video" and has_video) else "words"


def _group_offers(
    offers: list[Offer], chosen: Offer, request: ClipRequest, workspace, *, wants_video: bool
) -> list[tuple[str, list[OfferRow]]]:
    """Return (heading, rows) of the local providers, then of the connected ones. If a connected one is chosen, it comes
    first, since only the start of a long list is visible."""
    rows = [
        _build_offer_row(offer, chosen, request, workspace, wants_video=wants_video)
        for offer in offers
        if offer.is_ready
    ]
    local = [row for row in rows if row.offer.engine.is_local]
    remote = sorted((row for row in rows if not row.offer.engine.is_local), key=lambda row: not row.is_chosen)
    return [(heading, group) for heading, group in ((_("Built in"), local), (_("Connected"), remote)) if group]


def _build_offer_row(offer: Offer, chosen: Offer, request: ClipRequest, workspace, *, wants_video: bool) -> OfferRow:
    """Return the row of a provider with the cost of one take: by the chosen model, or, for another provider, by its
    default model at the nearest size."""
    is_chosen = offer.engine.slug == chosen.engine.slug
    reason = _("Doesn’t support video to video")
    if is_chosen:
        offer = chosen
    else:
        request = _fit_request(request, offer, workspace)
    is_able = not wants_video or find_offer([offer], workspace, Mode.VIDEO) is not None
    return OfferRow(offer, is_chosen, estimate_cost(offer, request, 1), "" if is_able else reason)


def _fit_request(request: ClipRequest, offer: Offer, workspace) -> ClipRequest:
    capability = _choose_model(offer.engine.capabilities_in(workspace), _get_default_model(offer))
    values = {"ratio": request.ratio, "seconds": request.seconds, "resolution": request.resolution}
    return replace(request, **_fit_values(values, capability))


def _find_sources(viewer: Viewer, values: dict) -> Sources:
    def find(get: Callable[[Viewer, Any], Row], pk) -> Row | None:
        try:
            return get(viewer, pk) if pk else None
        except (Http404, ValidationError):
            return None

    picture, last = find(access.get_picture, values["picture"]), find(access.get_picture, values["last_picture"])
    continues, video = find(access.get_clip, values["continues"]), find(access.get_video, values["video"])
    ids = values["references"] if isinstance(values["references"], list | tuple) else []
    references = [row for pk in ids[:10] if (row := find(access.get_picture, pk))]
    return Sources(
        picture=picture,
        picture_url=storage.create_link(picture.key) if picture else "",
        last_picture=_link(last) if last else None,
        references=[_link(row) for row in references],
        continues=continues,
        can_be_continued=bool(continues) and continues.can_be_continued,
        last_moment=max(0, continues.frames - 0.5) / MEZZANINE_FPS if continues else 0,
        video=video,
        poster=storage.create_link(video.poster_key) if video and video.is_ready else "",
    )


def _link(picture: Picture) -> LinkedPicture:
    return LinkedPicture(picture, storage.create_link(picture.key))
