"""What can go wrong at a gateway, on request: one file per fault, by what it strikes."""
