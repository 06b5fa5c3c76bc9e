"""One file per strategy: each enumerates leg rows and quantities, nothing else."""
