from accounts.billing.models.grant import Grant
from accounts.billing.models.rate import ExchangeRate
from accounts.billing.models.wallet import MOVEMENTS, Entry, Hold, Payer, Wallet, movement_label

__all__ = ["MOVEMENTS", "Entry", "ExchangeRate", "Grant", "Hold", "Payer", "Wallet", "movement_label"]
