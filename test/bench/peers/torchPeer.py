"""Measures PyTorch on one workload and prints one JSON object:

    python3 torchPeer.py THREADS WORKLOAD [profiled]

With `profiled`, steps are measured plain and under PyTorch's own profiler, in turns. The same sizes, initial values and loop as in ../support/spec.ts and ../support/benchmark.ts.
"""

import ctypes
import json
import math
import os
import sys
import time
import warnings

threads, workload = sys.argv[1], sys.argv[2]
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = threads


def openblas_core():
    """What OpenBLAS takes the processor for, or None where it is not there."""
    try:
        core = ctypes.CDLL("libopenblas.so.0").openblas_get_corename
    except (OSError, AttributeError):
        return None
    core.restype = ctypes.c_char_p
    return core().decode()


def name_processor():
    """
    OpenBLAS takes a processor younger than itself for the oldest that it knows, and is five times slower than it could be:
    no peer to be measured against. It reads the name of a better one only when it is loaded.
    """
    if openblas_core() != "Prescott" or "OPENBLAS_CORETYPE" in os.environ:
        return
    with open("/proc/cpuinfo") as file:
        flags = file.read().split()
    core = "SkylakeX" if "avx512vl" in flags else "Haswell" if {"avx2", "fma"} <= set(flags) else None
    if core is not None:
        os.environ["OPENBLAS_CORETYPE"] = core
        os.execv(sys.executable, [sys.executable, *sys.argv])


name_processor()

import numpy as np  # noqa: E402  (numpy reads the variables above)
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

torch.set_num_threads(int(threads))
warnings.filterwarnings("ignore")


def uniform(seed, shape, scale=1.0):
    """mulberry32 counted from a seed, in [-scale, scale)."""
    count = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        state = (np.uint64(seed) + count * np.uint64(0x6D2B79F5)) & np.uint64(0xFFFFFFFF)
        t = state.astype(np.uint32)
        t = (t ^ (t >> np.uint32(15))) * (t | np.uint32(1))
        t = t ^ (t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61)))
        t = t ^ (t >> np.uint32(14))
    values = (t.astype(np.float64) / 4294967296 * 2 - 1) * scale
    return torch.tensor(values.astype(np.float32).reshape(shape))


def parameter(tensor):
    return tensor.clone().contiguous().requires_grad_(True)


def zeros(n):
    return torch.zeros(n, requires_grad=True)


def labels(n, classes):
    return torch.tensor([(i * 7 + 3) % classes for i in range(n)])


def chain(start, ops):
    def step():
        x = torch.tensor(start, requires_grad=True)
        y = x
        for i in range(ops):
            y = y * 0.5 if i % 3 == 0 else y + 0.5 if i % 3 == 1 else y * y
        (y.sum() if y.dim() else y).backward()
        return float(x.grad.sum())

    return step


def elementwise():
    n = 1 << 20
    x, w, b = uniform(1, (n,)), parameter(uniform(2, (n,))), parameter(uniform(3, (n,)))

    def step():
        w.grad = b.grad = None
        y = (torch.tanh(x * w + b) ** 2).sum()
        y.backward()
        return float(y)

    return step


def matrix_product(n):
    a, b, g = parameter(uniform(1, (n, n))), parameter(uniform(2, (n, n))), uniform(3, (n, n))

    def step():
        a.grad = b.grad = None
        y = ((a @ b) * g).sum()
        y.backward()
        return float(y)

    return step


def training_step(parameters, lr, loss_of):
    optimizer = torch.optim.SGD(parameters, lr=lr)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def layers(dims, seed):
    pairs = enumerate(zip(dims, dims[1:]))
    return [(parameter(uniform(seed + i, (a, b), 1 / math.sqrt(a))), zeros(b)) for i, (a, b) in pairs]


def forward(all_layers, h, activate):
    for i, (weight, bias) in enumerate(all_layers):
        h = torch.addmm(bias, h, weight)
        h = activate(h) if i < len(all_layers) - 1 else h
    return h


def perceptron():
    every, x, y = layers([784, 256, 128, 10], 10), uniform(1, (64, 784)), labels(64, 10)
    flat = [p for layer in every for p in layer]
    return training_step(flat, 0.01, lambda: F.cross_entropy(forward(every, x, torch.relu), y))


def convolutional():
    # The numbers are drawn with channels last.
    c1 = parameter(uniform(20, (3, 3, 1, 16), 1 / 3).permute(3, 2, 0, 1))
    c2 = parameter(uniform(21, (3, 3, 16, 32), 1 / 12).permute(3, 2, 0, 1))
    weight = parameter(uniform(22, (7, 7, 32, 10), 1 / math.sqrt(1568)).permute(2, 0, 1, 3).reshape(1568, 10))
    b1, b2, b3 = zeros(16), zeros(32), zeros(10)
    x, y = uniform(1, (16, 1, 28, 28)), labels(16, 10)

    def loss_of():
        h = F.max_pool2d(torch.relu(F.conv2d(x, c1, b1, padding=1)), 2)
        h = F.max_pool2d(torch.relu(F.conv2d(h, c2, b2, padding=1)), 2).flatten(1)
        return F.cross_entropy(torch.addmm(b3, h, weight), y)

    return training_step([c1, b1, c2, b2, weight, b3], 0.01, loss_of)


def transformer_block():
    B, T, D, H, hidden = 8, 64, 128, 4, 512
    wqkv, wo = (parameter(uniform(30 + i, (D, n), 1 / math.sqrt(D))) for i, n in enumerate([3 * D, D]))
    w1, w2 = parameter(uniform(32, (D, hidden), 1 / math.sqrt(D))), parameter(uniform(33, (hidden, D), 1 / math.sqrt(hidden)))
    bqkv, bo, b1, b2 = zeros(3 * D), zeros(D), zeros(hidden), zeros(D)
    g1, g2 = torch.ones(D, requires_grad=True), torch.ones(D, requires_grad=True)
    e1, e2 = zeros(D), zeros(D)
    x, target = uniform(1, (B, T, D)), uniform(2, (B, T, D))

    def loss_of():
        h = F.layer_norm(x, (D,), g1, e1)
        q, k, v = (h @ wqkv + bqkv).view(B, T, 3, H, D // H).permute(2, 0, 3, 1, 4)
        attended = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(D // H), -1) @ v
        r = x + attended.transpose(1, 2).reshape(B, T, D) @ wo + bo
        h = F.gelu(F.layer_norm(r, (D,), g2, e2) @ w1 + b1, approximate="tanh")
        return ((r + h @ w2 + b2 - target) ** 2).mean()

    return training_step([wqkv, wo, w1, w2, bqkv, bo, b1, b2, g1, e1, g2, e2], 0.01, loss_of)


def tiny():
    every, x, target = layers([2, 16, 16, 1], 40), uniform(1, (8, 2)), uniform(2, (8, 1))
    flat = [p for layer in every for p in layer]
    return training_step(flat, 0.01, lambda: ((forward(every, x, torch.tanh) - target) ** 2).mean())


def gradcheck(dims, with_parameters):
    x = uniform(1, (1, dims[0])).double().requires_grad_(True)
    every = [(w.detach().double(), b.detach().double()) for w, b in layers(dims, 50)]
    flat = [p.requires_grad_(True) for layer in every for p in layer] if with_parameters else []
    return lambda: float(torch.autograd.gradcheck(lambda first, *_: forward(every, first, torch.tanh), (x, *flat)))


def derivatives(order, dims):
    x = uniform(1, (1, dims[0])).double()
    every = [(w.detach().double(), b.detach().double()) for w, b in layers(dims, 50)]
    derivative = getattr(torch.autograd.functional, order)

    def step():
        return float(derivative(lambda first: forward(every, first, torch.tanh), x, vectorize=True).square().sum())

    return step


workloads = {
    "W1": lambda: chain(0.9, 1000),
    "W2": elementwise,
    "W3_512": lambda: matrix_product(512),
    "W3_1024": lambda: matrix_product(1024),
    "W4": perceptron,
    "W5": convolutional,
    "W6": transformer_block,
    "W7": tiny,
    "W8": lambda: chain([0.9 + 0.001 * i for i in range(16)], 10_000),
    "W9": lambda: gradcheck([200, 64, 64, 16], False),
    "W9_params": lambda: gradcheck([10, 10, 8, 4], True),
    "jacobian": lambda: derivatives("jacobian", [32, 64, 64, 32]),
    "hessian": lambda: derivatives("hessian", [32, 64, 64, 1]),
}


def measure(step):
    check = step()
    began, runs = time.perf_counter(), 0
    while runs < 5 or (time.perf_counter() - began < 0.5 and runs < 3000):
        step()
        runs += 1
    min_ms, max_ms = float(os.environ.get("GRADLENS_BENCH_MS", 1500)), 12_000
    times, began = [], time.perf_counter()
    while True:
        start = time.perf_counter()
        step()
        end = time.perf_counter()
        times.append((end - start) * 1e3)
        spent = (end - began) * 1e3
        if (len(times) >= 20 and spent > min_ms) or len(times) >= 20_000 or spent > max_ms:
            break
    times.sort()
    return {"check": check, "median_ms": times[len(times) // 2], "min_ms": times[0], "iterations": len(times)}


def blas():
    """Debian's PyTorch multiplies with whatever libblas is installed, which makes a difference of ten times."""
    try:
        with open("/proc/self/maps") as maps:
            loaded = maps.read().lower()
    except OSError:
        return ""
    found = [name for name in ("OpenBLAS", "MKL", "BLIS") if name.lower() in loaded]
    if found[:1] == ["OpenBLAS"]:
        core = openblas_core()
        return "" if core is None else f" with OpenBLAS for {core}"
    return f" with {found[0] if found else 'reference BLAS'}"


def measure_profiled(step):
    """What the profiler adds: turns of some steps without and with it, as in ../support/runWatched.ts."""
    from torch.profiler import ProfilerActivity, profile

    def turn(count):
        times = []
        for _ in range(count):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
        return times

    check = step()
    count = max(1, min(1000, round(20 / sorted(turn(5))[2])))
    plain, watched = [], []
    began = time.perf_counter()
    while (time.perf_counter() - began) * 1e3 < 500 + 2 * float(os.environ.get("GRADLENS_BENCH_MS", 1500)):
        if time.perf_counter() - began < 0.5:
            plain, watched = [], []
        plain += turn(count)
        with profile(activities=[ProfilerActivity.CPU], record_shapes=True, profile_memory=True):
            watched += turn(count)
    plain.sort()
    watched.sort()
    plain_median, median = plain[len(plain) // 2], watched[len(watched) // 2]
    return {
        "check": check,
        "median_ms": median,
        "min_ms": watched[0],
        "iterations": len(watched),
        "plain_median_ms": plain_median,
        "plain_min_ms": plain[0],
        "ratio": median / plain_median,
        "ratio_of_minima": watched[0] / plain[0],
    }


result = (measure_profiled if "profiled" in sys.argv[3:] else measure)(workloads[workload]())
print(json.dumps({**result, "version": f"PyTorch {torch.__version__}{blas()}"}))
