"""What can be wrong with the machine."""


class SetupError(Exception):
    """The machine lacks something; the message is one line that names the way out."""
