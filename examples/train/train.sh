#!/bin/sh
# Trains the small model of train.py, or says what is missing.
if ! command -v python3 >/dev/null 2>&1; then
  echo "This example needs Python 3 (python3 in the PATH); nothing else." >&2
  exit 127
fi
exec python3 "$(dirname "$0")/train.py" "$@"
