"""Who calls, by API key, and which calls each role may make."""
