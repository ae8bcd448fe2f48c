"""The chat function: one message in, one stream of events out.

The modules of this package are light, because all of them may run before a turn's first event. The heavy part
of the function is `chat.agent`, which is imported behind that event.
"""
