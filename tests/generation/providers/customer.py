"""A user connected to a provider's fake, who orders clips as the pages do, and the workers that run them."""

import uuid

from common import secrets
from generation.clip_spec import ClipSpec
from generation.providers.base import Mode
from generation.providers.models import Connection, ConnectionKey
from generation.services.clips import create_clips
from tests.factories import UserFactory
from tests.site_processes.run_job import run_job


class Customer:
    def __init__(self, desk, base_url):
        self.desk, self.slug = desk, desk.entry.slug
        self.connection = Connection.objects.create(provider=self.slug, label="mine", base_url=base_url)
        sealed = secrets.encrypt({"keys": dict(desk.connection.keys), "headers": {}})
        ConnectionKey.objects.create(connection=self.connection, version=0, sealed=sealed)
        self.person = UserFactory()

    def order(self, words="a cat on a roof"):
        able = next(model for model in self.desk.engine.capabilities() if Mode.WORDS in model.modes)
        sent = {
            "prompt": words, "negative_prompt": "", "style": "cel", "provider": self.slug,
            "model": able.model, "ratio": able.ratios[0], "resolution": able.resolutions[0],
            "seconds": able.seconds[0], "seed": 7, "paint": True, "chips_off": [], "options": {},
            "connection": self.connection,
        }  # fmt: skip
        [clip] = create_clips(
            ClipSpec(**sent), workspace=self.person.workspaces.get(), by=self.person, idem_key=uuid.uuid4().hex
        )
        return clip.job

    go = staticmethod(run_job)
