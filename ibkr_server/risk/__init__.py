"""What an order must pass before it is sent: sense, limits, and a preview of the very same order."""
