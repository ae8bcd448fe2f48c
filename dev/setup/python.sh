#!/bin/sh
# Runs its arguments with the first Python on PATH that is new enough; plain sh, as there may be none.
for python in python3 python3.13 python3.14 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$@"
    fi
done
if command -v python3 >/dev/null 2>&1; then
    found="found $(python3 --version 2>&1)"
else
    found="found none"
fi
echo "AI Code needs Python 3.11 or newer ($found): install one so that python3.11, python3.12 or python3.13 is on PATH (https://www.python.org/downloads), then run make again." >&2
exit 1
