"""What each contract is worth on a surface, from its own live quote."""
