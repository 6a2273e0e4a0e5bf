"""Workers and web servers in processes of their own, with fake providers, for fault tests and benchmarks."""
