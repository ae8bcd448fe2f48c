"""The records of a conversation, and what becomes of each for Claude and for its vendor.

It knows nothing of how records are stored: `session_manager` does that.
"""
