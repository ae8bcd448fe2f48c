"""Keeps a conversation within its model's window: measures it, trims old results, has it summed up."""
