"""Deeds on clips: ask for takes, make them again, rename, delete, bring back."""

import secrets
import uuid

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Workspace
from generation import picture_fit
from generation.clip_spec import ASKED, asked_of, clip_request
from generation.composer.pricing import is_within
from generation.composer.providers_for_user import accounts_for, offer_again, unconnected_words
from generation.models import EFFECTS, Clip, ClipReference
from generation.providers.models import Connection
from generation.providers.registry import provider
from generation.services import effects as effect_services
from generation.worker import authorization, clip_sources
from jobs import services as jobs
from jobs.retry import other_account

STARTS = ("picture", "continues", "variation_of", "last_picture", "video", "lays_over")


@transaction.atomic
def request_clips(
    *,
    workspace: Workspace,
    by,
    asked: dict,
    takes: int = 1,
    idem_key: str,
    request=None,
    agreed: str = "",
    account: str = "",
) -> list[Clip]:
    """One clip and one job per take; all of them or none.

    The same ``idem_key`` and wish give back the clips of the first call. ``asked`` holds ASKED, and may hold
    STARTS as rows, ``references`` as rows of pictures in their order, and ``connection``, the account to ask through:
    without one the nearest that the person may use. ``seed_is_given`` false keeps a seed made up on the way
    out of what makes two wishes the same. Takes after the first get seeds of their own. ``agreed`` is the ``mark`` of
    the price that the person saw: JobRefused when it costs more by now; ``account`` the id of the account that they
    saw: JobRefused when it would go through another. Raises what ``jobs.submit`` raises. Whatever is raised, nothing
    is changed.
    """
    jobs.lock(workspace)
    authorization.check_engine(asked["provider"])
    wish = _wish(asked, takes)
    names = {"kind": kind_for(asked["provider"]), "provider": asked["provider"], "model": asked["model"]}
    if first := jobs.find(workspace=workspace, idem_key=f"{idem_key}.1", request=wish, **names):
        return _made_before(first, takes)  # before all that may have changed since: it was started
    check_model(workspace, asked)
    clip_sources.check(workspace, by, asked)
    asked = asked | {"connection": connection_for(workspace, by, asked)}
    check_pictures(workspace, asked)
    _check_before(asked.get("continues"))
    group = request or uuid.uuid4()
    before = Clip.objects.filter(request=request).aggregate(last=Max("take"))["last"] or 0 if request else 0
    clips = [
        _request_take(workspace, by, asked, group, before + n, f"{idem_key}.{n}", wish, reseed=n > 1)
        for n in range(1, takes + 1)
    ]
    if agreed:
        _hold_to(agreed, clips)
    if account and account != str(clips[0].connection_id):
        raise jobs.JobRefused(other_account())
    return clips


def _hold_to(agreed: str, clips: list[Clip]) -> None:
    """Nothing is begun at a price that nobody saw: it may have changed since the page was made."""
    estimate = _estimate(clips[0])
    if not is_within(agreed, estimate, len(clips)):
        raise jobs.JobRefused(
            _("The price has changed since you opened this page. Nothing was started; review the new price.")
        )


def _estimate(clip: Clip, *, has_references: bool | None = None):
    return provider(clip.provider).estimate(clip_request(clip, has_references=has_references))


def kind_for(slug: str) -> str:
    """The kind of job that makes clips of that engine: here, or elsewhere (generation/job_kinds.py)."""
    return "clip" if provider(slug).is_local else "clip_elsewhere"


def check_model(workspace: Workspace, asked: dict) -> None:
    """JobRefused for a model that is not offered there: another workspace's own, one that was taken away or retired."""
    engine = provider(asked["provider"])
    if asked["model"] and not engine.offers(asked["model"], workspace):
        words = _("%(provider)s doesn’t offer this model here. Choose another. Nothing was started.")
        raise jobs.JobRefused(words % {"provider": engine.label})
    authorization.check_age(engine.slug, asked["model"], workspace)


def check_pictures(workspace: Workspace, asked: dict) -> None:
    """JobRefused for a picture that the model does not take: nothing is reserved for what would be refused there."""
    engine = provider(asked["provider"])
    models = engine.capabilities_in(workspace)
    capability = next((each for each in models if asked["model"] in ("", each.model)), None)
    for _field, _row, words in picture_fit.unfit(engine, capability, asked) if capability else ():
        raise jobs.JobRefused(f"{words} {_('Nothing was started.')}")


def _check_before(before: Clip | None) -> None:
    if before and not before.can_be_continued:
        raise jobs.JobRefused(_("The clip to continue has no video. Nothing was started."))


def connection_for(workspace: Workspace, by, asked: dict) -> Connection | None:
    """The account that the request goes through; None for engines of this machine. JobRefused where there is none."""
    engine = provider(asked["provider"])
    if engine.is_local:
        return None
    usable = accounts_for(by, workspace, engine.slug, asked["model"])
    chosen = asked.get("connection")
    found = usable.filter(pk=chosen.pk).first() if chosen else usable.first()
    if found is None:
        raise jobs.JobRefused(unconnected_words(engine.slug, asked["model"], workspace))
    return found


def _made_before(first, takes: int) -> list[Clip]:
    """The clips of an earlier call. By the clip's own id: a retry has given it another job."""
    clip = Clip.objects.filter(pk=first.params["clip"]).first()
    if clip is None:
        raise jobs.key_reused()
    return list(Clip.objects.filter(request=clip.request, take__gte=clip.take).order_by("take")[:takes])


def _wish(asked: dict, takes: int) -> dict:
    wish = {name: asked[name] for name in ASKED if name != "seed" or asked.get("seed_is_given", True)}
    rows = {name: str(row.pk) for name in STARTS if (row := asked.get(name))}
    if references := asked.get("references"):
        rows["references"] = [str(picture.pk) for picture in references]
    return wish | rows | {"takes": takes}


def _request_take(workspace, by, asked, group, take, idem_key, wish, *, reseed) -> Clip:
    values = {name: asked[name] for name in ASKED} | {name: asked.get(name) for name in STARTS}
    if reseed:
        values["seed"] = secrets.randbelow(2**31)
    film = effect_services.beneath(values) if values["provider"] == EFFECTS else {}
    title = film.pop("title", "") or _title(values)
    clip = Clip(workspace=workspace, created_by=by, request=group, take=take, title=title, **values, **film)
    clip.connection = asked["connection"]
    references = asked.get("references") or ()
    estimate = _estimate(clip, has_references=bool(references))
    clip.job = jobs.submit(
        workspace=workspace,
        by=by,
        kind=kind_for(clip.provider),
        title=title,
        page=clip.get_absolute_url(),
        provider=clip.provider,
        model=clip.model,
        params={"clip": str(clip.pk)},
        idem_key=idem_key,
        request=wish,
        is_looked_up=True,
        price=estimate.price,
        currency=estimate.currency,
    )
    clip.save(force_insert=True)
    ClipReference.objects.bulk_create(
        ClipReference(clip=clip, picture=picture, position=n) for n, picture in enumerate(references)
    )
    return clip


def _title(values) -> str:
    """The first line of the prompt, or what the shot starts from."""
    first_line = " ".join(values["prompt"].partition("\n")[0].split())
    if first_line:
        return first_line if len(first_line) <= 120 else first_line[:119] + "…"
    if values.get("video"):
        return _("From a video")
    return _("From an image") if values.get("picture") else _("Continued")


def make_again(clip: Clip, *, by, idem_key: str, agreed: str = "", account: str = "") -> Clip:
    """One more take of the same request, with a new seed."""
    asked = _asked_again(clip, by)
    more = {"idem_key": idem_key, "request": clip.request, "agreed": agreed, "account": account}
    return request_clips(workspace=clip.workspace, by=by, asked=asked, **more)[0]


def make_variations(
    clip: Clip, *, by, idem_key: str, takes: int = 3, agreed: str = "", account: str = ""
) -> list[Clip]:
    """A new request of several takes with their own seeds, remembered as variations of this clip."""
    asked = _asked_again(clip, by) | {"variation_of": clip}
    more = {"idem_key": idem_key, "takes": takes, "agreed": agreed, "account": account}
    return request_clips(workspace=clip.workspace, by=by, asked=asked, **more)


def _asked_again(clip: Clip, by) -> dict:
    """What the clip was asked with, with another seed, through an account that may still be used."""
    offer = offer_again(clip, by)
    account = offer.connection if offer else None
    asked = asked_of(clip)
    clip_sources.check_whole(clip)
    return asked | {"seed": secrets.randbelow(2**31), "seed_is_given": False, "connection": account}


def rename(clip: Clip, *, title: str) -> None:
    Clip.objects.filter(pk=clip.pk).update(title=title)


def delete(clip: Clip, *, by) -> None:
    """Hide at once; a job still working is stopped out of sight. Files go when the bin is emptied."""
    jobs.delete(clip.job, by=by)


def restore(clip: Clip, *, by) -> None:
    jobs.restore(clip.job, by=by)
