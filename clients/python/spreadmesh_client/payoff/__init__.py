"""What a spread gains and loses, as curves over the share price. Pure, and without numpy."""
