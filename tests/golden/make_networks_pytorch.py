#!/usr/bin/env python3
"""Figures of today's networks by PyTorch, in double precision: tests/golden/data/pytorch_*.npz.

    python3 make_networks_pytorch.py OUTPUT_DIRECTORY [NETWORK...]        (torch 2.15, numpy)

Each network is written down here once more, from the papers' tables, with PyTorch's own layers.
Weights, features and labels come from a hash that the C test repeats (`value` below), so that the
files hold results only, for N clips:

    seed              the first of the streams of numbers that this file is about
    names             the variables in the order of the graph, one a line
    dims              [variables, 4] their shapes in our layout, 0 for what is absent
    logits            [N, labels] with running statistics, as in an evaluation
    train_logits      [N, labels] with the statistics of the batch, without dropout
    loss              mean cross entropy of train_logits
    grad_norms        [trained] Euclidean norm of the loss' gradient by each variable
    grad_sketches     [trained, 8] the first four and the last four numbers of each gradient in our
                      order, NaN for what is absent
    grad_projections  [trained] each gradient's dot product with value(seed + 501 + variable, i)
    states            the running statistics after that training step, all in one row

Layouts: features [N, time, frequency, channels]; convolution [time, frequency, in, out],
depthwise [time, frequency, channels, 1], dense [in, out], normalisation [channels] or, for the
sub-spectral one, [bands, channels].
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

N = 3
N_SEEDS = 12
STREAMS = 1000  # of hashed numbers that belong to one seed
EPSILON, MOMENTUM = 1e-5, 0.1


def value(stream, n):
    """n numbers in [-0.5, 0.5): a hash of (stream, i), exact in double and single precision."""
    with np.errstate(over="ignore"):
        h = np.arange(n, dtype=np.uint32) + np.uint32(stream * 1000003 % 2**32)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x7FEB352D)
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float64) / 2.0**24 - 0.5


class Net:
    """Layers that make their variables at the first call, in the order in which they are called.

    Arrays are PyTorch's [n, channels, time, frequency]."""

    def __init__(self, seed):
        self.seed = seed
        self.margin = np.inf  # of the numbers that ReLU saw in training: how close to its bend
        self.names, self.dims, self.kinds, self.tensors = [], [], [], []
        self.training = True
        self.next = None

    def variable(self, name, dims, kind):
        if self.next is not None:
            tensor = self.tensors[self.next]
            assert self.names[self.next] == name
            self.next += 1
            return tensor
        size = int(np.prod(dims))
        u = value(self.seed + len(self.names) + 1, size)
        if kind == "weights":  # variance 2 / fan in: what ReLU keeps at its size
            fan_in = size // dims[-1] if dims[-1] != 1 or len(dims) < 4 else dims[0] * dims[1]
            u = u * np.sqrt(24.0 / fan_in)
        elif kind in ("gamma", "variance"):
            u = 1.0 + 0.5 * u
        elif kind == "mean":
            u = 0.2 * u
        else:
            u = 0.5 * u
        # what the C side holds is single precision
        tensor = torch.tensor(u.astype(np.float32).astype(np.float64).reshape(dims))
        tensor.requires_grad_(kind not in ("mean", "variance"))
        self.names.append(name)
        self.dims.append(dims)
        self.kinds.append(kind)
        self.tensors.append(tensor)
        return tensor

    def relu(self, x):
        if self.training:
            with torch.no_grad():
                self.margin = min(self.margin, (x.abs().min() / x.std()).item())
        return F.relu(x)

    def mean_over_frequency(self, x):
        return x.mean(3, keepdim=True)

    def pad(self, x, before_h, after_h, before_w, after_w):
        return F.pad(x, (before_w, after_w, before_h, after_h))

    def conv(self, x, name, kernel, n_out, stride=(1, 1), padding=(0, 0), bias=False):
        w = self.variable(name + "/weights", [*kernel, x.shape[1], n_out], "weights")
        b = self.variable(name + "/bias", [n_out], "bias") if bias else None
        return F.conv2d(x, w.permute(3, 2, 0, 1), b, stride, padding)

    def depthwise(self, x, name, kernel, stride=(1, 1), padding=(0, 0), dilation=(1, 1),
                  bias=False):
        c = x.shape[1]
        w = self.variable(name + "/depthwise_weights", [*kernel, c, 1], "weights")
        b = self.variable(name + "/bias", [c], "bias") if bias else None
        return F.conv2d(x, w.permute(2, 3, 0, 1), b, stride, padding, dilation, c)

    def norm(self, x, name, scale=True, bands=1, epsilon=EPSILON, momentum=MOMENTUM):
        n, c, h, w = x.shape
        size = [bands, c] if bands > 1 else [c]
        gamma = self.variable(name + "/gamma", size, "gamma") if scale else None
        beta = self.variable(name + "/beta", size, "bias")
        mean = self.variable(name + "/moving_mean", size, "mean")
        variance = self.variable(name + "/moving_variance", size, "variance")
        # [n, c, h, bands, w / bands] -> channels that are numbered band * c + channel
        y = x.reshape(n, c, h, bands, w // bands).permute(0, 3, 1, 2, 4)
        y = y.reshape(n, bands * c, h, w // bands)
        rows = [v if v is None else v.reshape(-1) for v in (mean, variance, gamma, beta)]
        y = F.batch_norm(y, *rows, self.training, momentum, epsilon)
        y = y.reshape(n, bands, c, h, w // bands).permute(0, 2, 3, 1, 4)
        return y.reshape(n, c, h, w)

    def dense(self, x, name, n_out, bias=True):
        """x: [n, c, h, w], read in the order (h, w, c)."""
        x = x.permute(0, 2, 3, 1).flatten(1)
        w = self.variable(name + "/weights", [x.shape[1], n_out], "weights")
        b = self.variable(name + "/bias", [n_out], "bias") if bias else 0.0
        return x @ w + b


def bc_resnet(net, x, n_labels, tau):
    """Kim, Chang, Lee and Sung: Broadcasted Residual Learning (2021)."""
    b = int(8 * tau)
    channels = [2 * b, b, int(1.5 * b), 2 * b, int(2.5 * b)]
    x = net.relu(net.norm(net.conv(x, "head", (5, 5), channels[0], (1, 2), (2, 2)), "head/norm"))
    stages = [(2, 1, 1), (2, 2, 2), (4, 2, 4), (4, 1, 8)]
    for s, (n_blocks, stride, dilation) in enumerate(stages):
        for k in range(n_blocks):
            at = "stage_%d/block_%d" % (s + 1, k + 1)
            c = channels[s + 1]
            shortcut = x
            if k == 0:
                x = net.relu(net.norm(net.conv(x, at + "/transition", (1, 1), c),
                                    at + "/transition/norm"))
            x = net.depthwise(x, at + "/frequency", (1, 3), (1, stride if k == 0 else 1), (0, 1))
            x = net.norm(x, at + "/frequency/norm", bands=5)
            y = net.mean_over_frequency(x)
            y = net.depthwise(y, at + "/time", (3, 1), padding=(dilation, 0),
                              dilation=(dilation, 1))
            y = F.silu(net.norm(y, at + "/time/norm"))
            y = net.conv(y, at + "/pointwise", (1, 1), c)
            x = net.relu(x + y if k == 0 else x + y + shortcut)
    x = net.depthwise(x, "tail", (5, 5), padding=(2, 0))
    x = net.relu(net.norm(net.conv(x, "tail/pointwise", (1, 1), 4 * b),
                        "tail/pointwise/norm"))
    return net.dense(x.mean((2, 3), keepdim=True), "labels", n_labels)


def ds_cnn(net, x, n_labels, n_filters, strides, n_blocks):
    """Zhang, Suda, Lai and Chandra: Hello Edge (2017); TensorFlow's padding."""
    def same(x, kernel, stride):
        pads = []
        for size, k, s in zip(x.shape[2:], kernel, stride):
            total = max((-(-size // s) - 1) * s + k - size, 0)
            pads += [total // 2, total - total // 2]
        return net.pad(x, *pads)

    kwargs = dict(scale=False, epsilon=1e-3, momentum=0.04)
    x = net.conv(same(x, (10, 4), strides[0]), "conv_1", (10, 4), n_filters, strides[0], bias=True)
    x = net.relu(net.norm(x, "conv_1/norm", **kwargs))
    for k in range(n_blocks):
        at = "block_%d" % (k + 1)
        stride = strides[1] if k == 0 else (1, 1)
        x = net.depthwise(same(x, (3, 3), stride), at + "/depthwise", (3, 3), stride, bias=True)
        x = net.relu(net.norm(x, at + "/depthwise/norm", **kwargs))
        x = net.conv(x, at + "/pointwise", (1, 1), n_filters, bias=True)
        x = net.relu(net.norm(x, at + "/pointwise/norm", **kwargs))
    return net.dense(x.mean((2, 3), keepdim=True), "labels", n_labels)


def tc_resnet(net, x, n_labels, channels):
    """Choi and others: Temporal Convolution for Real-time Keyword Spotting (2019); TensorFlow's
    padding. Frequencies are channels: x is [n, frequencies, time, 1]."""
    def same(x, kernel, stride):
        total = max((-(-x.shape[2] // stride) - 1) * stride + kernel - x.shape[2], 0)
        return net.pad(x, total // 2, total - total // 2, 0, 0)

    kwargs = dict(epsilon=1e-3, momentum=0.003)
    x = net.conv(same(x, 3, 1), "conv_1", (3, 1), channels[0])
    x = net.relu(net.norm(x, "conv_1/norm", **kwargs))
    for k, c in enumerate(channels[1:]):
        at = "block_%d" % (k + 1)
        stride = 2 if c != x.shape[1] else 1
        shortcut = x
        if stride == 2:
            shortcut = net.conv(same(x, 1, 2), at + "/shortcut", (1, 1), c, (2, 1))
            shortcut = net.relu(net.norm(shortcut, at + "/shortcut/norm", **kwargs))
        y = net.conv(same(x, 9, stride), at + "/conv_1", (9, 1), c, (stride, 1))
        y = net.relu(net.norm(y, at + "/conv_1/norm", **kwargs))
        y = net.conv(same(y, 9, 1), at + "/conv_2", (9, 1), c)
        y = net.norm(y, at + "/conv_2/norm", **kwargs)
        x = net.relu(y + shortcut)
    return net.dense(x.mean((2, 3), keepdim=True), "labels", n_labels, bias=True)


def ds_tc_resnet(net, x, n_labels):
    """Majumdar and Ginsburg: MatchboxNet (2020), as kws_streaming's ds_tc_resnet sizes it.
    x is [n, frequencies, time, 1]."""
    kwargs = dict(epsilon=1e-3, momentum=0.01)
    blocks = [(128, 11, 1, False), (64, 13, 1, True), (64, 15, 1, True), (64, 17, 1, True),
              (128, 29, 2, False), (128, 1, 1, False)]
    for k, (c, kernel, dilation, has_residual) in enumerate(blocks):
        at = "block_%d" % (k + 1)
        shortcut = x
        pad = (kernel - 1) * dilation // 2
        y = net.depthwise(x, at + "/depthwise", (kernel, 1), padding=(pad, 0),
                          dilation=(dilation, 1))
        y = net.norm(net.conv(y, at + "/pointwise", (1, 1), c), at + "/pointwise/norm", **kwargs)
        if has_residual:
            shortcut = net.conv(shortcut, at + "/shortcut", (1, 1), c)
            y = y + net.norm(shortcut, at + "/shortcut/norm", **kwargs)
        x = net.relu(y)
    return net.dense(x.mean((2, 3), keepdim=True), "labels", n_labels)


def mixednet(net, x, n_labels, first, blocks, is_pooled):
    """microWakeWord's network: depthwise convolutions of several lengths side by side, no padding.
    x is [n, frequencies, time, 1]."""
    kwargs = dict(epsilon=1e-3, momentum=0.01)
    n_first, kernel, stride = first
    x = net.relu(net.conv(x, "conv_1", (kernel, 1), n_first, (stride, 1)))
    for k, (kernels, c, has_residual) in enumerate(blocks):
        at = "block_%d" % (k + 1)
        shortcut = x
        n_channels, n_groups = x.shape[1], len(kernels)
        sizes = [n_channels // n_groups + (g < n_channels % n_groups) for g in range(n_groups)]
        n_frames = x.shape[2] - max(kernels) + 1
        parts = []
        for g, part in enumerate(x.split(sizes, 1)):
            y = net.depthwise(part, at + "/depthwise_%d" % (g + 1), (kernels[g], 1))
            parts.append(y[:, :, -n_frames:])
        y = net.conv(torch.cat(parts, 1), at + "/pointwise", (1, 1), c)
        y = net.norm(y, at + "/pointwise/norm", **kwargs)
        if has_residual:
            shortcut = net.conv(shortcut[:, :, -n_frames:], at + "/shortcut", (1, 1), c)
            y = y + net.norm(shortcut, at + "/shortcut/norm", **kwargs)
        x = net.relu(y)
    if is_pooled:
        x = x.mean(2, keepdim=True)
    return net.dense(x, "labels", n_labels)


def networks():
    """name, function, shape of a clip [time, frequency, channels] in our layout, labels"""
    clip, bands = (101, 40, 1), (98, 40)
    for tau in (1, 1.5, 2, 3, 6, 8):
        # fewer frames for the wide ones, or no seed keeps all numbers off the bends of ReLU
        yield ("bc_resnet_%g" % tau, lambda n, x, l, t=tau: bc_resnet(n, x, l, t),
               clip if tau <= 3 else (33, 40, 1), 12)
    for name, args in (("s", (64, ((2, 2), (1, 1)), 4)), ("m", (172, ((2, 1), (2, 2)), 4)),
                       ("l", (276, ((2, 1), (2, 2)), 5))):
        yield ("ds_cnn_" + name, lambda n, x, l, a=args: ds_cnn(n, x, l, *a), (49, 10, 1), 12)
    for name, channels in (("8", (16, 24, 32, 48)), ("14", (16, 24, 24, 32, 32, 48, 48))):
        for width in (1, 1.5):
            c = [int(v * width) for v in channels]
            yield ("tc_resnet_" + name + ("" if width == 1 else "_1.5"),
                   lambda n, x, l, c=c: tc_resnet(n, x, l, c), bands, 12)
    yield ("ds_tc_resnet", ds_tc_resnet, bands, 12)
    yield ("mixednet_2024",
           lambda n, x, l: mixednet(n, x, l, (32, 5, 3), [([5], 64, False), ([7, 11], 64, False),
                                                          ([9, 15], 64, False), ([23], 64, False)],
                                    False), (204, 40), 12)
    yield ("mixednet_2026",
           lambda n, x, l: mixednet(n, x, l, (64, 3, 3), [([5, 9], 64, False), ([7, 13], 64, False),
                                                          ([9, 15], 64, False), ([17], 64, False)],
                                    True), (204, 40), 12)
    yield ("mixednet_residual",
           lambda n, x, l: mixednet(n, x, l, (32, 5, 3), [([5], 48, True), ([7, 11, 3], 64, True)],
                                    False), (80, 40), 12)


def run(function, shape, n_labels, seed):
    features = torch.tensor(4.0 * value(seed, N * int(np.prod(shape))).reshape(N, *shape))
    # [n, time, frequency, 1] -> [n, 1, time, frequency]; [n, time, frequency]: channels
    x = features.permute(0, 3, 1, 2) if len(shape) == 3 else features.permute(0, 2, 1)[..., None]
    labels = torch.arange(N) % n_labels
    net = Net(seed)
    with torch.no_grad():
        net.training = False
        logits = function(net, x, n_labels)
    net.training, net.next = True, 0
    train_logits = function(net, x, n_labels)
    loss = F.cross_entropy(train_logits, labels)
    loss.backward()
    return net, logits, train_logits.detach(), loss.item()


def sketch(gradient):
    flat = gradient.reshape(-1).numpy()
    row = np.full(8, np.nan)
    head, tail = flat[:4], flat[4:][-4:]
    row[: len(head)] = head
    row[4 : 4 + len(tail)] = tail
    return row


def main():
    for name, function, shape, n_labels in networks():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        # Of several seeds the one that keeps furthest from the bends of all ReLUs: where rounding
        # moves a number across one, gradients in single precision jump.
        seeds = [STREAMS * k for k in range(N_SEEDS)]
        seed = max(seeds, key=lambda k: run(function, shape, n_labels, k)[0].margin)
        net, logits, train_logits, loss = run(function, shape, n_labels, seed)
        trained = [i for i, t in enumerate(net.tensors) if t.requires_grad]
        states = [t.numpy().reshape(-1) for t in net.tensors if not t.requires_grad]
        dims = np.zeros((len(net.dims), 4))
        for i, d in enumerate(net.dims):
            dims[i, : len(d)] = d
        gradients = [net.tensors[i].grad for i in trained]
        np.savez_compressed(
            "%s/pytorch_%s.npz" % (sys.argv[1], name),
            seed=np.array([float(seed)]),
            names=np.frombuffer("\n".join(net.names).encode(), np.uint8),
            dims=dims, logits=logits.numpy(), train_logits=train_logits.numpy(),
            loss=np.array([loss]),
            grad_norms=np.array([g.norm().item() for g in gradients]),
            grad_sketches=np.stack([sketch(g) for g in gradients]),
            grad_projections=np.array([float(g.reshape(-1).numpy() @ value(seed + 501 + i, g.numel()))
                                       for i, g in zip(trained, gradients)]),
            states=np.concatenate(states))
        print("%-18s %8d trained, %5d running, logits %.3g, loss %.6f, margin %.2g" % (
            name, sum(net.tensors[i].numel() for i in trained), sum(map(len, states)),
            logits.abs().max(), loss, net.margin))


if __name__ == "__main__":
    main()
