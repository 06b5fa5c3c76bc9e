"""What happens around every call, on either side."""
