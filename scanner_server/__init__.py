"""The scanner: option quotes in, ranked spreads out."""
