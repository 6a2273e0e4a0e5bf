"""A clip's job as the card that lies on the table of the Create page, also sent over the socket."""

from django.template.loader import render_to_string

from generation.models import Clip


def render(job, viewer) -> str:
    """The card of the clip that this job makes; empty when it has none. ``viewer`` was checked by the caller."""
    clip = Clip.objects.with_files().filter(job=job).first()
    return render_to_string("generation/_job_card.html", {"clip": clip}) if clip else ""
