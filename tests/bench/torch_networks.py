#!/usr/bin/env python3
"""torch_networks.py NETWORK [THREADS [STEPS]]: one training step of one of today's networks in
PyTorch, the network alone: batch 100, plain gradient descent, random features. Prints the median of
the steps in milliseconds, once with PyTorch's usual layout and once with channels last.

The networks are those of tests/golden/make_networks_pytorch.py, here in single precision with
variables in PyTorch's own layout, made once."""
import pathlib
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.append(str(pathlib.Path(__file__).parent.parent / "golden"))
import make_networks_pytorch as golden  # noqa: E402

BATCH = 100


class Net(golden.Net):
    """Layers as PyTorch has them. With `turned`, images are [n, channels, frequency, time]: then
    bands of frequencies are neighbouring rows, and a view gives each its own channel."""

    def __init__(self, layout, turned):
        super().__init__(0)
        self.layout, self.turned = layout, turned

    def order(self, pair):
        return tuple(reversed(pair)) if self.turned else tuple(pair)

    def variable(self, name, dims, kind):
        if self.next is None:
            u = torch.randn(dims) * 0.1 if kind in ("weights", "bias") else torch.ones(dims)
            if len(dims) == 4:
                u = u.to(memory_format=self.layout)
            self.names.append(name)
            self.tensors.append(u.requires_grad_(kind not in ("mean", "variance")))
            return u
        self.next += 1
        return self.tensors[self.next - 1]

    def relu(self, x):
        return F.relu(x)

    def mean_over_frequency(self, x):
        return x.mean(2 if self.turned else 3, keepdim=True)

    def conv(self, x, name, kernel, n_out, stride=(1, 1), padding=(0, 0), bias=False):
        w = self.variable(name, [n_out, x.shape[1], *self.order(kernel)], "weights")
        b = self.variable(name + "/bias", [n_out], "bias") if bias else None
        return F.conv2d(x, w, b, self.order(stride), self.order(padding))

    def depthwise(self, x, name, kernel, stride=(1, 1), padding=(0, 0), dilation=(1, 1),
                  bias=False):
        c = x.shape[1]
        w = self.variable(name, [c, 1, *self.order(kernel)], "weights")
        b = self.variable(name + "/bias", [c], "bias") if bias else None
        return F.conv2d(x, w, b, self.order(stride), self.order(padding), self.order(dilation), c)

    def norm(self, x, name, scale=True, bands=1, epsilon=golden.EPSILON, momentum=golden.MOMENTUM):
        n, c, h, w = x.shape
        gamma = self.variable(name + "/gamma", [c * bands], "gamma") if scale else None
        beta = self.variable(name + "/beta", [c * bands], "bias")
        mean = self.variable(name + "/moving_mean", [c * bands], "mean")
        variance = self.variable(name + "/moving_variance", [c * bands], "variance")
        y = x.reshape(n, c * bands, h // bands, w) if bands > 1 else x
        y = F.batch_norm(y, mean, variance, gamma, beta, True, momentum, epsilon)
        return y.reshape(n, c, h, w) if bands > 1 else y


def time_step(network, n_steps, layout):
    name, function, shape, n_labels = network
    net = Net(layout, name.startswith("bc_resnet"))
    features = torch.randn(BATCH, *shape)
    x = features.permute(0, 3, 1, 2) if len(shape) == 3 else features.permute(0, 2, 1)[..., None]
    if net.turned:
        x = x.transpose(2, 3)
    x = x.contiguous(memory_format=layout)
    labels = torch.randint(0, n_labels, (BATCH,))
    function(net, x, n_labels)  # makes the variables
    trained = [tensor for tensor in net.tensors if tensor.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.001)
    times = []
    for _ in range(n_steps + 2):  # two to warm up
        start = time.perf_counter()
        net.next = 0
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(function(net, x, n_labels), labels).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times[2:])


def main():
    torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 2)
    n_steps = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    torch.manual_seed(0)
    (network,) = [row for row in golden.networks() if row[0] == sys.argv[1]]
    for layout in (torch.contiguous_format, torch.channels_last):
        print(f"{time_step(network, n_steps, layout):.1f}")


main()
