"""Holds what `scripts/judge.ts` wrote against ai-edge-litert: the same models, the same inputs, another build of LiteRT.

    npx tsx scripts/judge.ts FOLDER
    python scripts/judge.py FOLDER

Needs `pip install ai-edge-litert numpy`. Prints one line for each model and a total. Exits with 1 when an output differs by
more than two steps of its scale: kernels of two builds may round differently by one, and so may those before them. An output
that a float operator writes has no scale: one hundredth of its range is allowed.
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

FLOAT_SHARE = 0.01
# 32,767 steps of a float32 scale, rounded on either side.
ROUNDING = 2 * 32_767 * 2**-24


def run(model: Path, data: dict[str, np.ndarray]) -> list[list[np.ndarray]]:
    """Outputs of each sample, in the model's order."""
    interpreter = Interpreter(model_path=str(model))
    results = []
    for sample in range(count(data, "sample{}_input0")):
        details = interpreter.get_input_details()
        inputs = [data[f"sample{sample}_input{i}"] for i in range(len(details))]
        for detail, values in zip(details, inputs):
            if list(detail["shape"]) != list(values.shape):
                interpreter.resize_tensor_input(detail["index"], values.shape)
        interpreter.allocate_tensors()
        for detail, values in zip(interpreter.get_input_details(), inputs):
            interpreter.set_tensor(detail["index"], values)
        interpreter.invoke()
        results.append([interpreter.get_tensor(one["index"]).copy() for one in interpreter.get_output_details()])
    return results


def count(data: dict[str, np.ndarray], pattern: str) -> int:
    """How many keys of that pattern there are, from 0 on."""
    number = 0
    while pattern.format(number) in data:
        number += 1
    return number


def difference(data: dict[str, np.ndarray], results: list[list[np.ndarray]]) -> tuple[float, float]:
    """Largest difference in steps over all outputs and samples, and the share of values that differ at all."""
    largest = 0.0
    differing = 0
    total = 0
    for sample, outputs in enumerate(results):
        for index, theirs in enumerate(outputs):
            ours = data[f"sample{sample}_output{index}"]
            if ours.size != theirs.size:
                return float("inf"), 1.0
            ours, theirs = ours.astype(np.float64).ravel(), theirs.astype(np.float64).ravel()
            step = float(data[f"step{index}"])
            if step == 0:
                step = max(FLOAT_SHARE * float(np.max(np.abs(ours), initial=0)), 1e-12)
            both_odd = ~np.isfinite(ours) & ((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))
            steps = np.where(both_odd, 0, np.abs(ours - theirs) / step)
            steps = np.where(np.isnan(steps), np.inf, steps)
            largest = max(largest, float(np.max(steps, initial=0)))
            differing += int(np.count_nonzero(steps > ROUNDING))
            total += steps.size
    return largest, differing / max(1, total)


def main(folder: Path) -> int:
    """Judges every pair of files; 1 when one is off by more than two steps."""
    models = sorted(folder.glob("*.tflite"))
    equal = within = 0
    for model in models:
        with np.load(model.with_suffix(".npz")) as archive:
            data = dict(archive)
        try:
            largest, share = difference(data, run(model, data))
        except (RuntimeError, ValueError) as error:
            print(f"{model.stem}: FAILED, {str(error).strip().splitlines()[-1]}")
            continue
        is_within = largest <= 2 + ROUNDING
        within += is_within
        equal += share == 0
        word = "equal" if share == 0 else "within two steps" if is_within else "OFF"
        print(f"{model.stem}: {word}, at most {largest:.3f} steps, {100 * share:.2f} % of values differ")
    print(f"{len(models)} models: {equal} equal, {within - equal} within two steps, {len(models) - within} off or failed")
    return 0 if within == len(models) and models else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/judge.py FOLDER")
    sys.exit(main(Path(sys.argv[1])))
