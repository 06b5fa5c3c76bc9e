"""Scans over many underlyings: lists of them, the job that works one off, the merge of its rankings."""
