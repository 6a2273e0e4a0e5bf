"""A studio of real processes with fake providers, for fault tests and benchmarks."""
