"""Amounts as text: with commas and cents; below a cent with four places."""

import pytest

from accounts.billing.money import money, unit_price


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1_234_567_000, "$1,234.57"),
        (125_000, "$0.13"),
        (1_500, "$0.0015"),
        (10_500, "$0.01"),
        (0, "$0.00"),
        (-420_000, "-$0.42"),
        (1_000_000_000_000, "$1,000,000.00"),
    ],
)
def test_amounts_have_commas_and_cents_and_four_places_below_a_cent(amount, text):
    assert money(amount) == text


def test_prices_of_a_unit_and_rates_keep_four_places():
    assert [unit_price(amount, "CNY") for amount in (62_500, 140_000)] == ["¥0.0625", "¥0.14"]
