"""Makes what a command needs on a machine that has python3 and make: standard library only."""
