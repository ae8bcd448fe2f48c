"""Takes the forms of uploads as S3 does, for the local stack.

A form names the key, the type, the size and the checksum of what may be sent, in a policy that the apps
function has signed. Whatever differs from it is refused, with S3's codes.
"""

from dev.uploads.endpoint import Endpoint, origins, serve

__all__ = ["Endpoint", "origins", "serve"]
