"""Clip services: create, retry, vary, rename, delete, restore."""

import secrets
import uuid
from dataclasses import replace

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Workspace
from common.messages import build_message, join_messages
from generation import picture_fit
from generation.clip_spec import ClipSpec
from generation.errors import PicturesUnfit
from generation.hooks import ClipHooks
from generation.models import EFFECTS, Clip, ClipReference
from generation.offers.connections import find_usable_connections, no_connection_message
from generation.offers.offer import find_repeat_offer
from generation.offers.pricing import covers_price
from generation.providers.base import Estimate
from generation.providers.models import Connection
from generation.providers.registry import provider
from generation.services import effects as effect_services
from generation.services.price_caps import agree_to_cap_of_repeat
from generation.services.storage_use import check_storage
from generation.worker import authorization, clip_sources
from generation.worker.charging import get_payer
from jobs import services as jobs
from jobs.retry_terms import connection_changed_message

SEED_LIMIT = 2**31


@transaction.atomic
def create_clips(
    spec: ClipSpec,
    *,
    workspace: Workspace,
    by,
    idem_key: str,
    takes: int = 1,
    request: uuid.UUID | None = None,
    agreed_price: str = "",
    agreed_connection: str = "",
    origin: str = "",
    story_id: uuid.UUID | None = None,
) -> list[Clip]:
    """Create one clip and one job per take, or none at all.

    Returns the clips in the order of their takes; those of an earlier call if it had the same ``idem_key`` and the same
    fingerprint of the spec. Takes after the first get random seeds. ``request`` is the id of the request that the takes
    are added to. ``origin``: for the hook ``clips_created`` of the apps above. ``story_id``: the story that they are
    for, for records of what they cost.

    Raises JobRefused if the clips cost more than ``agreed_price`` (``pricing.price_mark``), if they would go through
    another connection than ``agreed_connection`` (its id), or if a check below refuses them; PicturesUnfit for pictures
    that the model does not accept; LimitReached; what ``jobs.services.submit`` raises.
    """
    jobs.lock_workspace(workspace)
    authorization.check_installed(spec.provider)
    fingerprint = spec.fingerprint() | {"takes": takes}
    names = {"kind": get_job_kind(spec.provider), "provider": spec.provider, "model": spec.model}
    if first := jobs.find_existing(workspace=workspace, idem_key=f"{idem_key}.1", request=fingerprint, **names):
        return _find_earlier(first, takes)  # whatever changed since, these were started
    spec = _check_spec(spec, workspace, by)
    estimate = provider(spec.provider).estimate(spec.to_request())
    _check_agreed(spec, estimate, takes, agreed_price, agreed_connection)
    _check_cost(spec, estimate, takes, workspace=workspace, by=by, story_id=story_id)
    clips = _build_takes(spec, takes, request, workspace=workspace, created_by=by)
    for n, clip in enumerate(clips, 1):
        _submit_take(clip, spec.references, estimate, f"{idem_key}.{n}", fingerprint, story_id)
    for react in ClipHooks.values_of("clips_created"):
        react(clips, spec, origin)
    return clips


def _check_spec(spec: ClipSpec, workspace: Workspace, by) -> ClipSpec:
    """Return the spec with the connection that it goes through, or raise what refuses it."""
    check_model(spec, workspace)
    clip_sources.check_visible(workspace, by, spec)
    spec = replace(spec, connection=find_connection(spec, workspace, by))
    authorization.check_clip_limits(spec, spec.connection, workspace)
    check_storage(workspace)
    _check_pictures(spec, workspace)
    _check_continued(spec.continues)
    return spec


def _build_takes(spec: ClipSpec, count: int, request: uuid.UUID | None, **columns) -> list[Clip]:
    """Return the unsaved clips of a new request, or the next ones of ``request``."""
    last = Clip.objects.filter(request=request).aggregate(last=Max("take"))["last"] or 0 if request else 0
    request = request or uuid.uuid4()
    clips = []
    for n in range(1, count + 1):
        seed = spec.seed if n == 1 and spec.seed is not None else secrets.randbelow(SEED_LIMIT)
        clips.append(_build_take(spec, request=request, take=last + n, seed=seed, **columns))
    return clips


def _check_agreed(spec: ClipSpec, estimate: Estimate, takes: int, price: str, connection: str) -> None:
    """Raise JobRefused for a higher price or another connection than the user saw."""
    if price and not covers_price(price, estimate, takes):
        raise jobs.JobRefused(build_message("price_changed"))
    if connection and connection != str(spec.connection.pk if spec.connection else None):
        raise jobs.JobRefused(connection_changed_message())


def _check_cost(spec: ClipSpec, estimate: Estimate, takes: int, **context) -> None:
    """Raise BillingRefusal if the site would pay an unknown price, or what refuses several takes together."""
    authorization.check_priced(estimate, spec.connection)
    if takes > 1:
        jobs.check_several(
            takes,
            price=estimate.price,
            currency=estimate.currency,
            seconds=spec.seconds,
            payer=get_payer(spec.connection),
            **context,
        )


def get_job_kind(slug: str) -> str:
    """Return the kind of job that makes clips of that provider (generation/job_kinds.py)."""
    return "clip" if provider(slug).is_local else "clip_elsewhere"


def check_model(spec: ClipSpec, workspace: Workspace) -> None:
    """Refuse a model that is not offered in the workspace, or retired. Raises JobRefused."""
    engine = provider(spec.provider)
    if spec.model and not engine.has_model(spec.model, workspace):
        refusal = build_message("model_not_offered", provider=engine.label)
        raise jobs.JobRefused(join_messages(refusal, build_message("not_started")))
    authorization.check_not_retired(engine.slug, spec.model, workspace)


def _check_pictures(spec: ClipSpec, workspace: Workspace) -> None:
    """Raise PicturesUnfit if the model does not accept a picture, before a price is reserved for the clip."""
    engine = provider(spec.provider)
    models = engine.capabilities_in(workspace)
    capability = next((model for model in models if spec.model in ("", model.model)), None)
    unfit = picture_fit.find_unfit_pictures(engine, capability, spec) if capability else ()
    if reasons := [(field, reason) for field, _row, reason in unfit]:
        raise PicturesUnfit(reasons)


def _check_continued(clip: Clip | None) -> None:
    if clip and not clip.can_be_continued:
        raise jobs.JobRefused(join_messages(build_message("nothing_to_continue"), build_message("not_started")))


def find_connection(spec: ClipSpec, workspace: Workspace, by) -> Connection | None:
    """Return the connection that the request goes through: the chosen one, else the nearest; None for a local
    provider. Raises JobRefused if there is none."""
    engine = provider(spec.provider)
    if engine.is_local:
        return None
    usable = find_usable_connections(by, workspace, engine.slug, spec.model)
    found = usable.filter(pk=spec.connection.pk).first() if spec.connection else usable.first()
    if found is None:
        raise jobs.JobRefused(no_connection_message(engine.slug, spec.model, workspace, by=by))
    return found


def _find_earlier(first, takes: int) -> list[Clip]:
    """Return the clips of an earlier call, whose first job is ``first``. They are found by the id of the first clip,
    since a retry may have given that clip another job."""
    clip = Clip.objects.filter(pk=first.params["clip"]).first()
    if clip is None:
        raise jobs.key_reused_error()
    return list(Clip.objects.filter(request=clip.request, take__gte=clip.take).order_by("take")[:takes])


def _build_take(spec: ClipSpec, **columns) -> Clip:
    source = effect_services.read_source_columns(spec) if spec.provider == EFFECTS else {}
    return spec.build_clip(**{"title": _build_title(spec)} | source | columns)


def _submit_take(clip: Clip, references, estimate: Estimate, idem_key: str, fingerprint: dict, story_id) -> None:
    clip.job = jobs.submit(
        workspace=clip.workspace,
        by=clip.created_by,
        kind=get_job_kind(clip.provider),
        title=clip.title,
        page=clip.get_absolute_url(),
        provider=clip.provider,
        model=clip.model,
        params={"clip": str(clip.pk)},
        idem_key=idem_key,
        request=fingerprint,
        is_looked_up=True,
        price=estimate.price,
        currency=estimate.currency,
        payer=get_payer(clip.connection),
        story_id=story_id,
        seconds=clip.seconds,
        resolution=clip.resolution,
    )
    clip.save(force_insert=True)
    ClipReference.objects.bulk_create(
        ClipReference(clip=clip, picture=picture, position=n) for n, picture in enumerate(references)
    )


def _build_title(spec: ClipSpec) -> str:
    """Return the first line of the prompt, or what the clip starts from."""
    first_line = " ".join(spec.prompt.partition("\n")[0].split())
    if first_line:
        return first_line if len(first_line) <= 120 else first_line[:119] + "…"
    if spec.video:
        return _("From a video")
    return _("From an image") if spec.picture else _("Continued")


def retry_clip(
    clip: Clip, *, by, idem_key: str, agreed_price: str = "", agreed_connection: str = "", cap: int | None = None
) -> Clip:
    """Add one take with a new seed to the clip's request. ``cap``: as ``sent`` in price_caps.get_cap."""
    return create_clips(
        _repeat_spec(clip, by, cap),
        workspace=clip.workspace,
        by=by,
        idem_key=idem_key,
        story_id=clip.job.story_id if clip.job else None,
        request=clip.request,
        agreed_price=agreed_price,
        agreed_connection=agreed_connection,
    )[0]


def vary_clip(
    clip: Clip,
    *,
    by,
    idem_key: str,
    takes: int = 3,
    agreed_price: str = "",
    agreed_connection: str = "",
    cap: int | None = None,
) -> list[Clip]:
    """Create a new request of several takes with new seeds, recorded as variations of this clip."""
    return create_clips(
        replace(_repeat_spec(clip, by, cap), variation_of=clip),
        workspace=clip.workspace,
        by=by,
        idem_key=idem_key,
        story_id=clip.job.story_id if clip.job else None,
        takes=takes,
        agreed_price=agreed_price,
        agreed_connection=agreed_connection,
    )


def _repeat_spec(clip: Clip, by, cap: int | None) -> ClipSpec:
    """Return the clip's own spec without its seed, with a connection that ``by`` may still use."""
    agree_to_cap_of_repeat(clip, by=by, sent=cap)
    offer = find_repeat_offer(clip, by)
    spec = ClipSpec.from_clip(clip)
    clip_sources.check_complete(clip)
    return replace(spec, seed=None, connection=offer.connection if offer else None)


def rename_clip(clip: Clip, *, title: str) -> None:
    Clip.objects.filter(pk=clip.pk).update(title=title)


def delete_clip(clip: Clip, *, by) -> None:
    """Move the clip to the trash and cancel its job. Its files are deleted when the trash is emptied."""
    jobs.delete(clip.job, by=by)


def restore_clip(clip: Clip, *, by) -> None:
    jobs.restore(clip.job, by=by)
