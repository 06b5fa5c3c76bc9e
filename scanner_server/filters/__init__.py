"""What a scan lets through."""
