"""Helpers of the tests of first films."""

from django.urls import reverse


def film_url(story) -> str:
    return reverse("studio:first_film", args=[story.pk])
