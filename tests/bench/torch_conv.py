#!/usr/bin/env python3
"""torch_conv.py [THREADS [STEPS [DROPOUT]]]: one training step of the `conv` network in PyTorch, the
network alone: batch 100, dropout (0.5 unless DROPOUT says 0), plain gradient descent, channels last,
random features. Prints the median of the steps in milliseconds."""
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class Conv(nn.Module):
    """The model of src/models/conv.c; padding as TensorFlow's SAME, the odd zero at the end."""

    def __init__(self, dropout, n_labels=12):
        super().__init__()
        self.first = nn.Conv2d(1, 64, (20, 8))
        self.second = nn.Conv2d(64, 64, (10, 4))
        self.final_fc = nn.Linear(49 * 20 * 64, n_labels)
        self.dropout = dropout

    def drop(self, x):
        return functional.dropout(x, self.dropout) if self.dropout > 0 else x

    def forward(self, x):  # [batch, 1, 98, 40]
        x = functional.relu(self.first(functional.pad(x, (3, 4, 9, 10))))
        x = functional.max_pool2d(self.drop(x), 2)
        x = functional.relu(self.second(functional.pad(x, (1, 2, 4, 5))))
        return self.final_fc(self.drop(x).flatten(1))


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    n_steps = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    torch.manual_seed(0)
    layout = torch.channels_last
    model = Conv(float(sys.argv[3]) if len(sys.argv) > 3 else 0.5).to(memory_format=layout)
    features = torch.randn(100, 1, 98, 40).to(memory_format=layout)
    labels = torch.randint(0, 12, (100,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    times = []
    for _ in range(n_steps + 2):  # two to warm up
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(model(features), labels).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    print(f"{1e3 * statistics.median(times[2:]):.1f}")


main()
