"""The one TWS or IB Gateway session of the mesh: chains, quotes and the lines they come over."""
