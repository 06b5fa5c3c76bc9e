"""A book that stands still: the values that rankings are computed from and that cross threads."""
