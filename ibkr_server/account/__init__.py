"""What the login's accounts hold and are worth, as the gateway tells it."""
