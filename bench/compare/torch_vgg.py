"""The same 1-bit nets in PyTorch, for `npm run bench -- compare` with BITGAUSS_PYTHON set.

    python3 torch_vgg.py --threads 1

Answers the calls of participant.mjs: one JSON object a line on standard input, one on standard output.
VGG-Small W1A1 and an MLP with a binary hidden layer, trained with AdamW on one batch, or VGG-Small in evaluation mode;
plain f32, and torch.compile with bfloat16.
"""

import argparse
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Sign(torch.autograd.Function):
    """+1 or -1, +1 for 0. Gradient: as if it were the identity."""

    @staticmethod
    def forward(ctx, x):
        return (x >= 0).to(x.dtype) * 2 - 1

    @staticmethod
    def backward(ctx, dy):
        return dy


class ApproxSign(torch.autograd.Function):
    """+1 or -1. Gradient: 2 - 2 |x| within [-1, 1], else 0 (Liu et al., "Bi-Real Net", ECCV 2018)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x >= 0).to(x.dtype) * 2 - 1

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (2 - 2 * x.abs()).clamp(min=0)


class BinaryConv2d(nn.Conv2d):
    def forward(self, x):
        return F.conv2d(ApproxSign.apply(x), Sign.apply(self.weight), padding=self.padding)


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(ApproxSign.apply(x), Sign.apply(self.weight))


def vgg_small():
    layers = [nn.Conv2d(3, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128), nn.PReLU(128)]
    for cin, cout, pool in [(128, 128, True), (128, 256, False), (256, 256, True), (256, 512, False), (512, 512, True)]:
        layers.append(BinaryConv2d(cin, cout, 3, padding=1, bias=False))
        if pool:
            layers.append(nn.MaxPool2d(2))
        layers += [nn.BatchNorm2d(cout), nn.PReLU(cout)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(8192, 10))


def mlp(hidden):
    layers = [nn.Flatten()]
    sizes = [784, *hidden]
    for i, size in enumerate(hidden):
        layer = nn.Linear if i == 0 else BinaryLinear
        layers += [layer(sizes[i], size, bias=False), nn.BatchNorm1d(size), nn.PReLU(size)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 10))


class Contestant:
    """A net with its batch; `compiled`: torch.compile and bfloat16."""

    def __init__(self, task, compiled):
        self.train = task["kind"] != "vgg"
        if task["kind"] == "mlp":
            net, shape = mlp(task["hidden"]), (task["batch"], 1, 28, 28)
        else:
            net, shape = vgg_small(), (task["batch"], 3, 32, 32)
        self.net = net.to(memory_format=torch.channels_last).train(self.train)
        self.images = torch.randint(0, 256, shape, dtype=torch.uint8)
        self.labels = torch.randint(0, 10, (task["batch"],))
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=0.001)
        self.compiled = compiled
        self.forward = torch.compile(self.net) if compiled else self.net
        self.loss = self.logits = None
        net_words = "1-bit net, f32 first and last layer, batch norm, PReLU, AdamW" if self.train else "1-bit net, evaluation mode"
        mode = "torch.compile and bfloat16" if compiled else "f32"
        self.what = f"PyTorch {torch.__version__}, {net_words}, {mode}, channels_last"

    def run(self):
        x = ((self.images.float() / 255 - 0.5) / 0.25).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.compiled):
            if not self.train:
                with torch.inference_mode():
                    self.logits = self.forward(x)
                return
            logits = self.forward(x)
        loss = F.cross_entropy(logits.float(), self.labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.loss = loss.item()


class Peer:
    def __init__(self, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.threads = threads
        self.name = f"PyTorch, {threads} thread{'s' if threads > 1 else ''}"
        self.contestants = []

    def prepare(self, task):
        self.contestants = [Contestant(task, compiled) for compiled in (False, True)]
        names = [self.name, f"{self.name}, compiled, bfloat16"]
        check = {} if task["kind"] != "vgg" else {"check": "finite logits"}
        same = {"threads": self.threads, **check}
        return [{"name": n, "what": c.what, "compiles": c.compiled, **same} for n, c in zip(names, self.contestants)]

    def run(self, index, times):
        cpu, start = time.process_time(), time.perf_counter()
        for _ in range(times):
            self.contestants[index].run()
        ms, cpu_ms = 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - cpu)
        return {"ms": ms / times, "cpuMs": cpu_ms / times}

    def loss(self, index):
        return self.contestants[index].loss

    def output(self, index):
        return self.contestants[index].logits[0].float().tolist()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    peer = Peer(parser.parse_args().threads)
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever else prints, prints elsewhere

    def answer(message):
        print(json.dumps(message), file=answers, flush=True)

    answer({"value": "ready"})
    for line in sys.stdin:
        message = json.loads(line)
        try:
            answer({"value": getattr(peer, message.pop("call"))(**message)})
        except Exception as error:  # goes into the results as what this peer cannot do
            answer({"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"})


main()
