"""Prints the document."""

import json
import sys

from dev.openapi import build

json.dump(build(), sys.stdout, indent=2)
sys.stdout.write("\n")
