"""An unsuitable picture is refused in the form: nothing is reserved or sent."""

from dataclasses import replace

import pytest

from generation.clip_spec import ClipSpec
from generation.models import Clip, Picture
from generation.providers.base import Mode
from generation.services import clips as clip_services
from jobs.models import Job
from jobs.services import JobRefused
from tests.generation.providers.connections.create_page import FORM, picture_file, read_text

pytestmark = pytest.mark.django_db
ALL_MODES = frozenset({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST, Mode.REFERENCES})
SHAPE_LIMIT = "longer side is at most 2 times the shorter side"


@pytest.fixture
def strict_connection(stub, mika, connect, monkeypatch):
    """Mika's connection to a provider that accepts no picture longer than twice its other side."""
    first = replace(stub.capabilities()[0], modes=ALL_MODES, references_most=3, picture_shape=2)
    monkeypatch.setattr(stub, "capabilities", lambda: (first,))
    return connect(mika)


@pytest.fixture
def picture(mika):
    def create(width, height, key="p/1.jpg"):
        facts = {"width": width, "height": height, "bytes": 9, "sha256": f"{width}x{height}{key}"}
        return Picture.objects.create(workspace=mika.memberships.get().workspace, key=key, **facts)

    return create


def make_file(width, height):
    return picture_file(size=(width, height))


@pytest.mark.parametrize(
    "form",
    [
        lambda: {"picture_file": make_file(300, 140)},
        lambda: {"picture_file": make_file(300, 200), "last_picture_file": make_file(140, 300)},
        lambda: {"reference_files": [make_file(300, 200), make_file(300, 140)]},
    ],
    ids=["start", "last", "reference"],
)
def test_unsuitable_picture_is_refused_at_its_field(sign_in, mika, strict_connection, form):
    answer = sign_in(mika).post("/create/", FORM | form())

    assert answer.status_code == 422
    assert f"Echo 1 accepts images whose {SHAPE_LIMIT}" in read_text(answer)
    assert not Clip.objects.exists() and not Job.objects.exists()


def test_suitable_picture_is_accepted(sign_in, mika, strict_connection):
    sign_in(mika).post("/create/", FORM | {"picture_file": make_file(300, 150)})

    assert Clip.objects.count() == 1


def test_frame_of_another_clip_is_checked_as_a_picture(sign_in, mika, strict_connection, queue_clips):
    source = queue_clips(mika)[0]
    Clip.objects.filter(pk=source.pk).update(width=640, height=272)

    answer = sign_in(mika).post("/create/", FORM | {"continues": str(source.pk)})

    assert answer.status_code == 422 and SHAPE_LIMIT in read_text(answer)
    assert Clip.objects.count() == 1


@pytest.mark.parametrize("field", ["picture", "last_picture", "references", "continues"])
def test_other_requests_are_checked_as_well(mika, strict_connection, picture, queue_clips, field):
    suitable, unsuitable = picture(300, 200), picture(300, 140)
    rows = {"references": (suitable, unsuitable)} if field == "references" else {"picture": suitable, field: unsuitable}
    if field == "continues":
        source = queue_clips(mika)[0]
        Clip.objects.filter(pk=source.pk).update(width=640, height=272)
        rows = {"continues": Clip.objects.get(pk=source.pk)}
    jobs = Job.objects.count()
    form = ClipSpec(seed=1, **FORM, model="echo-1", **rows)

    with pytest.raises(JobRefused, match=SHAPE_LIMIT):
        clip_services.create_clips(
            form, workspace=strict_connection.owner.memberships.get().workspace, by=mika, idem_key="k"
        )

    assert Job.objects.count() == jobs


def test_retried_take_is_checked_against_current_limits(mika, strict_connection, stub, picture, monkeypatch):
    workspace = mika.memberships.get().workspace
    form = ClipSpec(seed=1, **FORM, model="echo-1", picture=picture(300, 200))
    [clip] = clip_services.create_clips(form, workspace=workspace, by=mika, idem_key="k")
    stricter = replace(stub.capabilities()[0], picture_shape=1)
    monkeypatch.setattr(stub, "capabilities", lambda: (stricter,))

    with pytest.raises(JobRefused, match="at most 1 times"):
        clip_services.retry_clip(clip, by=mika, idem_key="again")
    assert clip_services.create_clips(form, workspace=workspace, by=mika, idem_key="k") == [clip], (
        "a repeated request was checked again"
    )


@pytest.mark.parametrize(("key", "is_refused"), [("p/1.png", True), ("p/1.jpg", False)])
def test_file_type_is_refused_only_if_the_provider_fetches_the_file(
    mika, strict_connection, stub, picture, monkeypatch, key, is_refused
):
    only_jpeg = replace(stub.capabilities()[0], picture_kinds=("jpeg",))
    monkeypatch.setattr(stub, "capabilities", lambda: (only_jpeg,))
    form = ClipSpec(seed=1, **FORM, model="echo-1", picture=picture(99, 99, key))
    owner = {"workspace": mika.memberships.get().workspace, "by": mika}
    clip_services.create_clips(form, **owner, idem_key="uploaded")
    monkeypatch.setattr(stub, "needs_picture_urls", True)

    if is_refused:
        with pytest.raises(JobRefused, match="only JPEG images and downloads this one"):
            clip_services.create_clips(form, **owner, idem_key="fetched")
    else:
        clip_services.create_clips(form, **owner, idem_key="fetched")
    assert Job.objects.count() == (1 if is_refused else 2)


def test_create_shows_picture_limits_of_the_model(sign_in, mika, strict_connection):
    page = read_text(sign_in(mika).get("/create/", {"provider": "echo"}))

    assert "Image limits of Echo 1: from 1:2 to 2:1, at most 10 MB." in page
    assert "Image limits of" not in read_text(sign_in(mika).get("/create/", {"provider": "animatic"}))
