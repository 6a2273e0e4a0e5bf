"""The seconds of finished clips, for sums of usage in the database."""

from django.db.models import OuterRef, Subquery

from generation.models import EFFECTS, Clip

CLIP_SECONDS = Subquery(  # without effects on an existing video, whose seconds were not made here
    Clip.objects.finished().filter(job=OuterRef("job_id")).exclude(provider=EFFECTS).order_by().values("seconds")[:1]
)
