#!/bin/sh
# A job of the fault suite: `count.sh GROUND STEPS`. It writes a line when it starts, saves each of
# its steps, and goes on from the last one saved. Its sum is right only where no step was left out
# or done twice in a row.
ground=$1 steps=$2
echo "$MILLRACE_JOB $MILLRACE_ATTEMPT $MILLRACE_START" >>"$ground/starts"
step=0 sum=1
[ -s count ] && read -r step sum <count
while [ "$step" -lt "$steps" ]; do
  step=$((step + 1))
  sum=$(((sum * 31 + step) % 1000003))
  echo "$step $sum" >count.next && mv count.next count && echo checkpoint >>"$MILLRACE_STATUS"
  sleep 0.02
done
echo "$step $sum" >"$ground/result-$MILLRACE_JOB"
