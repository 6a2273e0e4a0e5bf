"""Every URL of the site is requested by users without permission. New URLs are included automatically."""

import uuid
from contextlib import contextmanager

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Membership
from generation.clip_spec import ClipSpec
from generation.forms import ClipForm
    if name.startswith("generation:prompt"):
        row = PromptTemplate.objects.create(workspace=clip.workspace, title=CANARY, text=CANARY).pk
