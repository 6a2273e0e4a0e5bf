from accounts.billing.models.cap import Cap, CapWarning
from accounts.billing.models.credit_change import PAYMENT_KINDS, CreditChange
from accounts.billing.models.freeze import SpendingFreeze
from accounts.billing.models.grant import Grant
from accounts.billing.models.pack import Pack
from accounts.billing.models.plan import LimitCount, Plan, PlanNotice, Subscription
from accounts.billing.models.rate import ExchangeRate
from accounts.billing.models.usage import DaySums, SiteDay, StoryDay, UsageDay
from accounts.billing.models.wallet import MOVEMENTS, Entry, Hold, Payer, Wallet, movement_label

__all__ = [
    "MOVEMENTS",
    "PAYMENT_KINDS",
    "Cap",
    "CapWarning",
    "CreditChange",
    "DaySums",
    "Entry",
    "ExchangeRate",
    "Grant",
    "Hold",
    "LimitCount",
    "Pack",
    "Payer",
    "Plan",
    "PlanNotice",
    "SiteDay",
    "SpendingFreeze",
    "StoryDay",
    "Subscription",
    "UsageDay",
    "Wallet",
    "movement_label",
]
