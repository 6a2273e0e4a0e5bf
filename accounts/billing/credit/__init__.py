"""Spending caps of a workspace, and what operators do about credit: gifts, corrections, wallets."""
