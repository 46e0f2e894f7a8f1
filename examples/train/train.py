#!/usr/bin/env python3
"""Trains a small language model of characters, with nothing but Python's standard library.

It saves its work on SIGUSR1, on SIGTERM, and every so many steps, and goes on from there when it
is started again. Each step depends only on the seed, the step's number and the weights, so a run
that was stopped and started again ends with the same weights as an undisturbed one, byte for byte.
"""

import argparse
import array
import hashlib
import math
import os
import random
import signal
import sys

TEXT = """I met a traveller from an antique land,
Who said: Two vast and trunkless legs of stone
Stand in the desert. Near them, on the sand,
Half sunk a shattered visage lies, whose frown,
And wrinkled lip, and sneer of cold command,
Tell that its sculptor well those passions read
Which yet survive, stamped on these lifeless things,
The hand that mocked them, and the heart that fed;
And on the pedestal, these words appear:
My name is Ozymandias, King of Kings;
Look on my Works, ye Mighty, and despair!
Nothing beside remains. Round the decay
Of that colossal Wreck, boundless and bare
The lone and level sands stretch far away.
"""

CONTEXT = 4
EMBEDDING = 6
HIDDEN = 24
BATCH = 16
RATE = 0.1
MOMENTUM = 0.9

CHARACTERS = sorted(set(TEXT))
CODES = [CHARACTERS.index(character) for character in TEXT]
INPUT = CONTEXT * EMBEDDING
SIZES = {
    "embedding": len(CHARACTERS) * EMBEDDING,
    "hidden": INPUT * HIDDEN,
    "hidden_bias": HIDDEN,
    "output": HIDDEN * len(CHARACTERS),
    "output_bias": len(CHARACTERS),
}


class Model:
    """Embeddings of the last characters, a hidden layer, and odds of the next character."""

    def __init__(self, seed):
        chance = random.Random(seed)
        self.step = 0
        self.weights = {
            name: array.array("d", (chance.gauss(0, 0.3) for _ in range(size)))
            for name, size in SIZES.items()
        }
        self.speeds = {name: array.array("d", bytes(8 * size)) for name, size in SIZES.items()}

    def train(self, seed):
        """One step on a batch; returns its mean loss in nats a character."""
        chance = random.Random(seed * 1_000_003 + self.step)
        slopes = {name: [0.0] * size for name, size in SIZES.items()}
        loss = 0.0
        for _ in range(BATCH):
            at = chance.randrange(CONTEXT, len(CODES))
            loss += self.learn(CODES[at - CONTEXT:at], CODES[at], slopes)
        for name, values in self.weights.items():
            speeds = self.speeds[name]
            for i, slope in enumerate(slopes[name]):
                speeds[i] = MOMENTUM * speeds[i] - RATE * slope / BATCH
                values[i] += speeds[i]
        self.step += 1
        return loss / BATCH

    def learn(self, context, target, slopes):
        """Adds the slopes of one example; returns its loss."""
        weights = self.weights
        inputs = []
        for code in context:
            inputs.extend(weights["embedding"][code * EMBEDDING:(code + 1) * EMBEDDING])
        matrix = weights["hidden"]
        hidden = [
            math.tanh(bias + sum(map(mul, inputs, matrix[i * INPUT:(i + 1) * INPUT])))
            for i, bias in enumerate(weights["hidden_bias"])
        ]
        rows = weights["output"]
        scores = [
            bias + sum(map(mul, hidden, rows[i * HIDDEN:(i + 1) * HIDDEN]))
            for i, bias in enumerate(weights["output_bias"])
        ]
        most = max(scores)
        odds = [math.exp(score - most) for score in scores]
        total = sum(odds)
        errors = [each / total for each in odds]
        loss = -math.log(errors[target])
        errors[target] -= 1
        back = [0.0] * HIDDEN
        for i, error in enumerate(errors):
            slopes["output_bias"][i] += error
            for j in range(HIDDEN):
                slopes["output"][i * HIDDEN + j] += error * hidden[j]
                back[j] += error * rows[i * HIDDEN + j]
        for i in range(HIDDEN):
            error = back[i] * (1 - hidden[i] * hidden[i])
            slopes["hidden_bias"][i] += error
            for j in range(INPUT):
                slopes["hidden"][i * INPUT + j] += error * inputs[j]
                place = context[j // EMBEDDING] * EMBEDDING + j % EMBEDDING
                slopes["embedding"][place] += error * matrix[i * INPUT + j]
        return loss

    def to_bytes(self):
        return b"".join([
            self.step.to_bytes(8, "little"),
            *(values.tobytes() for values in self.weights.values()),
            *(values.tobytes() for values in self.speeds.values()),
        ])

    def load(self, data):
        self.step = int.from_bytes(data[:8], "little")
        at = 8
        for part in (self.weights, self.speeds):
            for name, size in SIZES.items():
                part[name] = array.array("d", data[at:at + 8 * size])
                at += 8 * size
        if at != len(data):
            raise SystemExit("the checkpoint is of another model; remove it to start anew")


def mul(a, b):
    return a * b


def write(path, data):
    """Replaces a file whole: after a crash or a cut of power it is the old one or the new one."""
    with open(path + ".next", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".next", path)
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def tell(line):
    """Says something to Millrace, where that is what runs us."""
    path = os.environ.get("MILLRACE_STATUS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1200, help="how many steps (1200)")
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints (100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", default=os.environ.get("MILLRACE_FOLDER", "."),
                        help="where checkpoint and weights are kept")
    options = parser.parse_args()
    checkpoint = os.path.join(options.folder, "checkpoint")

    asked = set()
    signal.signal(signal.SIGUSR1, lambda *_: asked.add("save"))
    signal.signal(signal.SIGTERM, lambda *_: asked.update(("save", "end")))

    model = Model(options.seed)
    if os.path.exists(checkpoint):
        with open(checkpoint, "rb") as file:
            model.load(file.read())
        print(f"goes on after step {model.step}", flush=True)

    while model.step < options.steps:
        loss = model.train(options.seed)
        if model.step % 10 == 0:
            tell(f"step {model.step} of {options.steps}, loss {loss:.3f}")
        if "save" in asked or model.step % options.every == 0:
            asked.discard("save")
            write(checkpoint, model.to_bytes())
            tell("checkpoint")
            print(f"step {model.step} of {options.steps}: loss {loss:.3f}, saved", flush=True)
        if "end" in asked:
            print(f"ends after step {model.step}, as it was told to", flush=True)
            sys.exit(128 + signal.SIGTERM)

    weights = model.to_bytes()
    write(os.path.join(options.folder, "weights"), weights)
    print(f"{model.step} steps, weights {hashlib.sha256(weights).hexdigest()[:16]}", flush=True)


if __name__ == "__main__":
    main()
