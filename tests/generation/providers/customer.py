"""A user with a connection to a provider's fake, for tests of whole jobs."""

import uuid

from common import secrets
from generation.clip_spec import ClipSpec
from generation.providers.base import Mode
from generation.providers.models import Connection, ConnectionKey
from generation.services.clips import create_clips
from tests.factories import UserFactory
from tests.site_processes.run_job import run_job


class Customer:
    def __init__(self, harness, base_url):
        self.harness, self.slug = harness, harness.entry.slug
        self.connection = Connection.objects.create(provider=self.slug, label="mine", base_url=base_url)
        sealed = secrets.encrypt({"keys": dict(harness.connection.keys), "headers": {}})
        ConnectionKey.objects.create(connection=self.connection, version=0, sealed=sealed)
        self.user = UserFactory()

    def create_job(self, prompt="a cat on a roof"):
        offered = next(model for model in self.harness.provider.capabilities() if Mode.WORDS in model.modes)
        fields = {
            "prompt": prompt, "negative_prompt": "", "style": "cel", "provider": self.slug,
            "model": offered.model, "ratio": offered.ratios[0], "resolution": offered.resolutions[0],
            "seconds": offered.seconds[0], "seed": 7, "paint": True, "chips_off": [], "options": {},
            "connection": self.connection,
        }  # fmt: skip
        [clip] = create_clips(
            ClipSpec(**fields), workspace=self.user.workspaces.get(), by=self.user, idem_key=uuid.uuid4().hex
        )
        return clip.job

    run_job = staticmethod(run_job)
