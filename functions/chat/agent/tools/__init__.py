"""What Claude can do: the executor of a batch of calls, and one module per family of tools."""
