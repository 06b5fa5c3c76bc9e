"""What outlives the gateway: orders, executions, and all that follows from them, in one file."""
