"""What was intended, sent and heard of every order: append-only, a chain of hashes (docs/journal.md)."""
