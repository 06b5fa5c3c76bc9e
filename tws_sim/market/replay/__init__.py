"""A recorded day of one underlying and its options, from minute bars in LEAN's folder layout."""
