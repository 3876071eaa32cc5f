#!/usr/bin/env python3
"""Writes log_mel.npz: torchaudio's features of the BC-ResNet recipe, in double precision.

    python make_log_mel.py log_mel.npz       (PyTorch 2.15, torchaudio 2.11)

For each case NAME: NAME.samples, a clip that 16 bits hold exactly, and NAME.features [frames, bands] of
log(MelSpectrogram(...) + 1e-6). What a case wants is in NAME.settings: rate, window, stride, bands.
"""
import sys

import numpy as np
import torch
import torchaudio

# With it torchaudio's windows and mel bands are in double precision, too: in single precision they differ by
# 1e-7, which shows as 1e-4 where a loud tone leaks into quiet bands.
torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(7)


def fft_length(window):
    return 1 << (window - 1).bit_length()


def to_16_bits(x):
    return np.clip(np.round(x * 32768), -32768, 32767).astype(np.int16)


def features(samples, rate, window, stride, bands):
    transform = torchaudio.transforms.MelSpectrogram(
        rate, n_fft=fft_length(window), win_length=window, hop_length=stride, f_min=0.0, f_max=8000.0,
        n_mels=bands, power=2.0, center=True, pad_mode="reflect", norm=None, mel_scale="htk")
    x = torch.from_numpy(samples.astype(np.float64) / 32768)
    return torch.log(transform(x) + 1e-6).T.numpy()


def chirp(n, rate):
    t = np.arange(n) / rate
    return 0.7 * np.sin(2 * np.pi * (100 * t + 3500 * t * t))


cases = {
    # samples, rate, window, stride, bands; the first is the recipe's
    "chirp": (chirp(16000, 16000), 16000, 480, 160, 40),
    "noise": (rng.normal(0, 0.1, 16000), 16000, 480, 160, 40),
    "quiet": (rng.normal(0, 1e-4, 16000), 16000, 480, 160, 40),
    "silence": (np.zeros(16000), 16000, 480, 160, 40),
    "other_geometry": (rng.normal(0, 0.2, 5008), 16000, 401, 137, 64),
    "other_rate": (rng.normal(0, 0.2, 22050), 44100, 1323, 441, 40),
}

out = {}
for name, (samples, *settings) in cases.items():
    samples = to_16_bits(samples)
    out[name + ".samples"] = samples
    out[name + ".features"] = features(samples, *settings).astype(np.float32)
    out[name + ".settings"] = np.array(settings, dtype=np.int32)
np.savez_compressed(sys.argv[1], **out)
