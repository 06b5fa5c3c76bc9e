"""The order desk: places, changes and cancels orders, each at most once, and knows what became of them."""
