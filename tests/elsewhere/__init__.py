"""A whole studio of real processes with providers that are not there, for fault walks and benchmarks."""
