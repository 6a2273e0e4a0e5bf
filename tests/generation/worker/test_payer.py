"""Who pays: the site, or the account of the connection that is used."""

import pytest

from accounts.billing import grants, ledger
from accounts.billing.models import Hold
from accounts.billing.refusals import PriceUnknown
from generation.models import Clip
from generation.providers.base import Estimate
from generation.providers.models import Connection
from jobs import services
from jobs.models import Job, State
from jobs.templatetags.jobs import price, spent
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import LIMIT

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(fake, connect, mika):
    """A connection of Mika's workspace."""
    return connect(base_url=fake.url, workspace=mika.workspaces.get())


def test_own_account_pays_although_the_wallet_is_empty(own, create_job, run_job, mika):
    home = mika.workspaces.get()
    grants.set_limit(home, 0)

    job = create_job(own)
    words = [price(job), spent(job)]
    job = run_job(job)

    assert (job.state, job.payer, job.price_charged) == (State.READY, "own", PRICE)
    assert (ledger.get_balance(home), ledger.get_wallet(home).spent) == (0, 0)
    assert ledger.get_wallet(home, "own").spent == PRICE
    hold = Hold.objects.get(job_id=job.pk)
    assert (hold.member_id, hold.provider, hold.charged) == (mika.pk, "echo", PRICE)
    words += [price(job), spent(job)]
    assert all("connected account" in text and "hold" not in text for text in words)


def test_sites_connection_is_paid_from_the_wallet(site, create_job, run_job, get_balance):
    job = run_job(create_job(site))

    assert (job.payer, get_balance()) == ("site", LIMIT - PRICE)


def test_with_billing_the_site_pays_for_nothing_of_unknown_price(own, site, create_job, mika, settings, monkeypatch):
    settings.BILLING = True
    unknown = Estimate(0, "USD", 5, is_known=False)
    monkeypatch.setattr(EchoProvider, "estimate", lambda self, request: unknown)
    job = create_job(own)
    services.cancel(job, by=mika)
    Clip.objects.filter(job=job).update(connection=None)
    Connection.objects.filter(pk=own.pk).delete()

    with pytest.raises(PriceUnknown, match="no price for this model"):
        create_job(site)
    with pytest.raises(PriceUnknown):
        services.retry(job, by=mika, connection=str(site.pk))

    assert Job.objects.get() == job


def test_retry_does_not_turn_own_into_site_without_a_new_consent(own, site, create_job, mika, get_balance):
    job = create_job(own)
    services.cancel(job, by=mika)
    Clip.objects.filter(job=job).update(connection=None)
    Connection.objects.filter(pk=own.pk).delete()
    job.refresh_from_db()

    with pytest.raises(services.JobRefused):
        services.retry(job, by=mika)
    assert get_balance() == LIMIT and Job.objects.count() == 1

    new = services.retry(job, by=mika, connection=str(site.pk))

    assert (new.payer, get_balance()) == ("site", LIMIT - PRICE)
