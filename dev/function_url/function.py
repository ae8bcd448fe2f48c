"""What a function is, and the command and environment that its processes are started with."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_STREAM_BOOTSTRAP = _ROOT / "layers" / "runtime" / "stream-bootstrap"
_PYTHON_PATH = (
    _ROOT / "layers" / "core",
    _ROOT / "layers" / "runtime" / "python",
    _ROOT / "functions",
)
_PASSED_ON = ("PATH", "HOME", "LANG")

REGION = "eu-central-1"
ACCOUNT = "000000000000"
# As in template.yaml: the Function URLs lead to it.
ALIAS = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda function as the template describes it.

    `handler` is a dotted path, its last part the attribute. A request waits `queue_seconds` for one
    of `max_processes`, where AWS would start more, and `finishing_seconds` for a process that has
    answered but not yet asked for more work, before it costs a cold start. `python_path` stands for
    what Lambda has under /opt/python and /var/task. `environment` is all that the processes get besides
    Lambda's own names, PATH, HOME and LANG.
    """

    name: str
    handler: str
    streaming: bool = False
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout_seconds: float = 900.0
    init_timeout_seconds: float = 60.0
    memory_mb: int = 512
    max_processes: int = 10
    queue_seconds: float = 0.0
    finishing_seconds: float = 0.25
    idle_seconds: float = 300.0
    python_path: tuple[Path, ...] = _PYTHON_PATH
    task_root: Path = _ROOT / "functions"

    @property
    def arn(self) -> str:
        """The name under which AWS would know the function."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"

    def command(self) -> list[str]:
        """The command of one process: the streaming bootstrap or AWS's own runtime client."""
        if self.streaming:
            # Lambda runs `$AWS_LAMBDA_EXEC_WRAPPER python bootstrap.py`; the wrapper puts itself
            # in the place of the last argument.
            runtime = [str(_STREAM_BOOTSTRAP), sys.executable, "bootstrap.py"]
        else:
            runtime = [sys.executable, "-m", "awslambdaric", self.handler]
        return [*_die_with_parent(), *runtime]

    def process_environment(self, runtime_api: str, invoke_url: str) -> dict[str, str]:
        """Everything a process finds in its environment; nothing else of the shell gets in.

        `runtime_api` is host:port; `invoke_url` is where boto3 finds the Invoke API.
        """
        own = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # The Invoke API and emulators of AWS take any. With these a request tells which function sends it.
        keys = {"AWS_ACCESS_KEY_ID": self.name, "AWS_SECRET_ACCESS_KEY": "local"}
        if "AWS_PROFILE" in self.environment:
            keys = {}  # they would win over the profile
        return {
            **own,
            "AICODE_LOCAL": "1",
            **keys,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_LAMBDA": invoke_url,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "LAMBDA_TASK_ROOT": str(self.task_root),
            "PYTHONPATH": os.pathsep.join(map(str, self.python_path)),
            "PYTHONUNBUFFERED": "1",
            "TZ": ":UTC",
            **self.environment,
            "_HANDLER": self.handler,
        }


@functools.cache
def _die_with_parent() -> list[str]:
    """A prefix that lets the kernel end the process with this one, even where this is killed.

    Only Linux has that (prctl, PR_SET_PDEATHSIG), and not every setpriv can set it. Elsewhere an
    idle process ends when the connection on which it waits for work breaks, a busy one after
    its work.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    prefix = [setpriv, "--pdeathsig", "KILL", "--"]
    trial = subprocess.run(  # noqa: S603 - the command is a constant
        [*prefix, "true"], check=False, capture_output=True
    )
    return prefix if trial.returncode == 0 else []
