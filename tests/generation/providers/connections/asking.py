"""An operator at the admin's page on one provider: what it says, and what is said there."""

import html

from django.urls import reverse

ADD = reverse("admin:generation_providermanners_add")


def read(browser, slug) -> str:
    return html.unescape(browser.get(f"{ADD}?provider={slug}").text)


def say(browser, slug, **facts) -> str:
    return html.unescape(browser.post(f"{ADD}?provider={slug}", facts, follow=True).text)
