"""The account: trades booked into positions, cash and profit, and the margin they need."""
