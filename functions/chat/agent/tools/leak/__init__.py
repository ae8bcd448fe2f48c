"""Finds secrets in what is about to be sent out of the app.

`readings` is what a text may say: as it is, decoded, reversed. `check` compares that with the secrets, and
with what `aicode.secret_keys` takes for a key.
"""

from chat.agent.tools.leak.check import Secret, leak

__all__ = ["Secret", "leak"]
