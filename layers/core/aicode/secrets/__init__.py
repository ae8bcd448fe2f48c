"""What a function is told from outside its code: its environment, one secret and one parameter.

`values` reads the secret and the parameter, by `service`, which asks AWS without its SDK and signs by
`signature`. `kept` keeps what a function makes of them, and reads them again, so that a rotated secret needs
no deployment.
"""

from aicode.secrets.kept import Kept
from aicode.secrets.values import read_values

__all__ = ["Kept", "read_values"]
