"""A slow scanner in plain Python, SciPy and QuantLib, written from the definitions in docs/scanning.md."""
