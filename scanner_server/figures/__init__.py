"""Every figure of a spread, computed from its legs."""
