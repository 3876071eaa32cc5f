#!/usr/bin/env python3
"""Figures of optimisers, schedules and losses by PyTorch, in double precision:
tests/golden/data/pytorch_recipe.npz.

    python3 make_recipe_pytorch.py OUTPUT_FILE        (torch 2.15, numpy)

    weights, gradients        [N], [STEPS, N]: what every optimiser starts from and follows
    <optimiser>[_decay]       [STEPS, N] the weights after each step, with rates as in `rates`;
                              _decay: with a weight decay of DECAY on the first half of the weights
    clipped                   [STEPS, N] each step's gradients after clip_grad_norm_ to MAX_NORM
    rates                     [STEPS] of the optimisers
    ema                       [STEPS, N] the average with decay EMA of the weights of `adam`
    cosine, linear            [TOTAL] rates of a run with WARMUP steps of warm-up to PEAK
    logits, teacher           [ROWS, LABELS]; labels [ROWS]
    plain, smooth, mixed, distilled, everything     [ROWS] the losses of rows; ..._gradient their
                              gradients by the logits, [ROWS, LABELS]
    mixed_with, shares        [ROWS] the label that is mixed in, and the share of the row's own
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

N, STEPS, DECAY, MAX_NORM, EMA = 48, 6, 0.02, 3.0, 0.7
TOTAL, WARMUP, PEAK = 40, 8, 0.1
ROWS, LABELS, SMOOTHING, TEMPERATURE, SHARE = 5, 12, 0.1, 3.0, 0.7
rng = np.random.default_rng(17)
out = {}


def keep(name, values):
    out[name] = np.asarray(values, np.float64)


def optimisers():
    start, rates = rng.normal(size=N), np.array([.1, .1, .05, .05, .02, .02])
    gradients = rng.normal(size=(STEPS, N)) * np.where(np.arange(N) % 5, 1.0, 1e-4)
    keep("weights", start), keep("gradients", gradients), keep("rates", rates)
    kinds = {
        "gradient_descent": lambda g, wd: torch.optim.SGD(g, lr=1),
        "momentum": lambda g, wd: torch.optim.SGD(g, lr=1, momentum=.9, nesterov=True),
        "sgd_momentum": lambda g, wd: torch.optim.SGD(g, lr=1, momentum=.9),
        "adam": lambda g, wd: torch.optim.Adam(g, lr=1, betas=(.9, .99), eps=1e-6),
        "adamw": lambda g, wd: torch.optim.AdamW(g, lr=1, betas=(.9, .99), eps=1e-6,
                                                 weight_decay=0),
    }
    for name, make in kinds.items():
        for decay in (0, DECAY):
            halves = [torch.nn.Parameter(torch.tensor(h)) for h in np.split(start, 2)]
            opt = make([{"params": [halves[0]], "weight_decay": decay},
                        {"params": [halves[1]], "weight_decay": 0}], decay)
            rows = []
            for rate, gradient in zip(rates, gradients):
                for half, g in zip(halves, np.split(gradient, 2)):
                    half.grad = torch.tensor(g)
                for group in opt.param_groups:
                    group["lr"] = rate
                opt.step()
                rows.append(torch.cat([h.detach() for h in halves]).numpy().copy())
            keep(name + ("_decay" if decay else ""), rows)
    clipped = []
    for gradient in gradients:
        p = torch.nn.Parameter(torch.zeros(N, dtype=torch.float64))
        p.grad = torch.tensor(gradient)
        torch.nn.utils.clip_grad_norm_([p], MAX_NORM)
        clipped.append(p.grad.numpy().copy())
    keep("clipped", clipped)


def averages():
    w = torch.nn.Module()
    w.p = torch.nn.Parameter(torch.tensor(out["weights"]))
    average = torch.optim.swa_utils.AveragedModel(
        w, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(EMA))
    average.update_parameters(w)  # the first one is a copy
    rows = []
    for step in out["adam"]:
        w.p.data.copy_(torch.tensor(step))
        average.update_parameters(w)
        rows.append(average.module.p.detach().numpy().copy())
    keep("ema", rows)


def schedules():
    for name in ("cosine", "linear"):
        opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
        s = torch.optim.lr_scheduler
        up = s.LinearLR(opt, start_factor=1 / WARMUP, total_iters=WARMUP - 1)
        down = (s.CosineAnnealingLR(opt, T_max=TOTAL - WARMUP) if name == "cosine" else
                s.LinearLR(opt, start_factor=1, end_factor=0, total_iters=TOTAL - WARMUP))
        both = s.SequentialLR(opt, [up, down], milestones=[WARMUP])
        rates = []
        for _ in range(TOTAL):
            rates.append(opt.param_groups[0]["lr"])
            opt.step()
            both.step()
        keep(name, rates)


def losses():
    logits = torch.tensor(rng.normal(size=(ROWS, LABELS)) * 3, requires_grad=True)
    teacher = torch.tensor(rng.normal(size=(ROWS, LABELS)) * 3)
    labels = torch.tensor(rng.integers(LABELS, size=ROWS))
    other = torch.tensor(rng.integers(LABELS, size=ROWS))
    shares = torch.tensor(rng.uniform(.5, 1, size=ROWS))
    keep("logits", logits.detach()), keep("teacher", teacher), keep("labels", labels)
    keep("mixed_with", other), keep("shares", shares)

    def one(k, smoothing=0.0):
        return F.cross_entropy(logits, k, reduction="none", label_smoothing=smoothing)

    def kl():
        t = TEMPERATURE
        return t * t * F.kl_div(F.log_softmax(logits / t, 1), F.softmax(teacher / t, 1),
                                reduction="none").sum(1)

    def mix(smoothing=0.0):
        return shares * one(labels, smoothing) + (1 - shares) * one(other, smoothing)

    for name, loss in {
            "plain": one(labels),
            "smooth": one(labels, SMOOTHING),
            "mixed": mix(),
            "distilled": (1 - SHARE) * one(labels) + SHARE * kl(),
            "everything": (1 - SHARE) * mix(SMOOTHING) + SHARE * kl(),
    }.items():
        keep(name, loss.detach())
        keep(name + "_gradient", torch.autograd.grad(loss.sum(), logits)[0])


optimisers()
averages()
schedules()
losses()
np.savez_compressed(sys.argv[1], **out)
