"""What every process of the mesh shares, and nothing of brokers or options."""
