"""A simulator of the TWS / IB Gateway socket protocol: any IB API program can run against it."""
