"""Export, erase and transfer the clips, pictures and videos of a user or guest."""

from django.db.models import Q

from accounts.privacy import ignore_progress
from generation.media.storage import delete
from generation.models import Clip, Picture, PromptStar, PromptTemplate, Video
