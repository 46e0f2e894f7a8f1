#!/bin/sh
# A tour of the live service on this machine: a server, a real training job, a power limit that
# pauses it, and the same weights in the end as those of a run that nobody disturbed.
# It needs python3, takes about half a minute, and ends and removes all that it made.
set -eu
cd "$(dirname "$0")/.."

# All of it lies in a folder of its own; without XDG_STATE_HOME it would be ~/.local/state.
tour=$(mktemp -d)
export XDG_STATE_HOME="$tour"
unset MILLRACE_URL MILLRACE_TOKEN MILLRACE_FACTORY
mkdir "$tour/alone" "$tour/work"

millrace() {
  node bin/millrace.mjs "$@"
}

# Prints what a reader would type, then does it.
say() {
  printf '\n$ millrace %s\n' "$*"
  millrace "$@"
}

# Looks until the job is in that state.
await() {
  tries=0
  until millrace show train | grep -q "^$1"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
      echo "It never came to \"$1\"." >&2
      exit 1
    fi
    sleep 0.1
  done
}

# Whatever happens, nothing is left behind: jobs would outlive the server.
finish() {
  millrace cancel train >"$tour/cancel.log" 2>&1 || true
  for pid in $server $alone; do
    kill "$pid" 2>"$tour/kill.log" || true
  done
  wait || true
  rm -rf "$tour"
}
server='' alone=''
trap finish EXIT
trap 'exit 1' INT TERM HUP

# The undisturbed run, on the side.
train="$PWD/examples/train/train.py"
python3 "$train" --folder "$tour/alone" >"$tour/alone.log" &
alone=$!

# The server. It describes this machine, makes a token, and listens on a port that is free.
: >"$tour/up.log"
node bin/millrace.mjs up --port 0 >"$tour/up.log" 2>&1 &
server=$!
until grep -q 'Ctrl-C stops it' "$tour/up.log"; do
  kill -0 "$server" || { cat "$tour/up.log" >&2; exit 1; }
  sleep 0.1
done
grep -v 'token' "$tour/up.log" | head -n 6

# A job on one core, which saves its work when it is sent SIGUSR1. Where the machine has GPUs power
# is theirs, so it asks for one, although it leaves it alone.
device=--gpus
if grep -q 'no GPUs' "$tour/up.log"; then device=--cpus; fi
say submit --name train $device 1 --checkpoint-signal USR1 --chdir "$tour/work" -- python3 "$train"
await 'says'
say queue
say show train

# The power goes away. The job saves, and is paused where it is: it can go on at any time.
say limit here 1W --cause 'a tour'
await 'cap *paused'
say queue
say why train
say logs train

# The power comes back, and the job goes on.
say limit clear 0
say logs -f train
say show train

# Its weights are those of the run that nobody disturbed, byte for byte.
wait "$alone"
echo
cmp "$tour/alone/weights" "$tour/work/weights"
echo 'The weights are the same, byte for byte.'
