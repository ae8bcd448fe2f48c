"""What Claude can do: the executor of a batch of tool calls, and one module for each family of tools."""
