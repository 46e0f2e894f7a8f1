#!/bin/sh
# Trains train_torch.py with PyTorch on all devices of the job, on each node of its gang. Millrace
# tells torchrun how many nodes there are, which this one is and where the first one listens
# (PET_NNODES, PET_NODE_RANK, PET_NPROC_PER_NODE, PET_MASTER_ADDR, PET_MASTER_PORT).
if ! python3 -c 'import torch' >/dev/null 2>&1; then
  echo "This example needs PyTorch: python3 cannot import torch." >&2
  echo "See https://pytorch.org/get-started, or run train.sh, which needs Python alone." >&2
  exit 127
fi
exec python3 -m torch.distributed.run "$(dirname "$0")/train_torch.py" "$@"
