"""python -m dev.setup COMMAND

environment (uv and .venv), sam (its own), build (what is deployed), browser (prints it), page (web/dist),
packages (web/node_modules), audit (what is known against the locked packages), npm ... (in web/)
"""

import os
import sys
from collections.abc import Callable

from dev.setup import audit, browser, build, environment, page, sam
from dev.setup.problem import SetupError

_SIMPLE: dict[str, Callable[[], object]] = {
    "environment": environment.make_environment,
    "sam": sam.make_environment,
    "page": page.build,
    "packages": page.install_packages,
    "audit": audit.audit,
}


def main(arguments: list[str]) -> None:
    """Runs one command of the set-up."""
    match arguments:
        case [command] if command in _SIMPLE:
            _SIMPLE[command]()
        case ["build", *rest]:
            build.build(rest, os.environ)
        case ["browser"]:
            sys.stdout.write(f"{browser.find(os.environ)}\n")
        case ["npm", *rest]:
            env = page.install_packages()
            os.chdir(page.WEB)
            os.execvpe("npm", ["npm", *rest], env)  # noqa: S606, S607 - npm of the chosen Node
        case _:
            raise SetupError(__doc__ or "")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as error:
        environment.say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
