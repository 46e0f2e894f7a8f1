"""Trains a small transformer of bytes with DistributedDataParallel, on GPUs or else on CPUs.

On SIGUSR1 all ranks save at the same step: each says whether it was asked, and the answer of any
counts for all. It goes on from there when it is started again, with the same batches as without
the stop.
"""

import argparse
import os
import signal
import sys

try:
    import torch
    import torch.distributed as dist
    from torch import nn
    from torch.nn.parallel import DistributedDataParallel
except ImportError:
    sys.exit("This example needs PyTorch, and this Python has none.")

CONTEXT = 64
WIDTH = 128
BATCH = 16


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(256, WIDTH)
        self.place = nn.Embedding(CONTEXT, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 4 * WIDTH, 0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(WIDTH, 256)

    def forward(self, tokens):
        length = tokens.shape[1]
        places = torch.arange(length, device=tokens.device)
        mask = nn.Transformer.generate_square_subsequent_mask(length, device=tokens.device)
        return self.head(self.layers(self.token(tokens) + self.place(places), mask=mask))


def tell(line):
    """Says something to Millrace, where that is what runs us."""
    path = os.environ.get("MILLRACE_STATUS")
    if path and dist.get_rank() == 0:
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def save(path, state):
    """Replaces the checkpoint whole: after a crash it is the old one or the new one."""
    with open(path + ".next", "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".next", path)


def batch_of(text, step, device):
    """The batch of a step and rank: of nothing else, so a restart changes nothing."""
    chance = torch.Generator().manual_seed(step * dist.get_world_size() + dist.get_rank())
    starts = torch.randint(0, len(text) - CONTEXT - 1, (BATCH,), generator=chance)
    rows = torch.stack([text[start:start + CONTEXT + 1] for start in starts.tolist()]).to(device)
    return rows[:, :-1], rows[:, 1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--every", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--folder", default=os.environ.get("MILLRACE_FOLDER", "."))
    options = parser.parse_args()
    path = os.path.join(options.folder, "checkpoint.pt")

    asked = set()
    signal.signal(signal.SIGUSR1, lambda *_: asked.add("save"))

    has_gpu = torch.cuda.is_available()
    dist.init_process_group("nccl" if has_gpu else "gloo")
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if has_gpu else torch.device("cpu")
    if has_gpu:
        torch.cuda.set_device(device)
    torch.manual_seed(1)
    model = DistributedDataParallel(
        Model().to(device), device_ids=[device.index] if has_gpu else None)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    first = 0
    if os.path.exists(path):
        state = torch.load(path, map_location=device, weights_only=True)
        model.module.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
        if dist.get_rank() == 0:
            print(f"goes on after step {first}", flush=True)

    with open(__file__, "rb") as file:
        text = torch.tensor(list(file.read()))
    wish = torch.zeros(1, device=device)
    for step in range(first + 1, options.steps + 1):
        tokens, targets = batch_of(text, step, device)
        loss = nn.functional.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        wish[0] = 1.0 if "save" in asked else 0.0
        dist.all_reduce(wish)
        if wish.item() > 0 or step % options.every == 0 or step == options.steps:
            asked.discard("save")
            if dist.get_rank() == 0:
                state = {"model": model.module.state_dict(), "optimizer": optimizer.state_dict(),
                         "step": step}
                save(path, state)
                print(f"step {step} of {options.steps}: loss {loss.item():.3f}, saved", flush=True)
            dist.barrier()
            tell("checkpoint")
        if step % 10 == 0:
            tell(f"step {step} of {options.steps}, loss {loss.item():.3f}")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
