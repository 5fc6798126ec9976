"""What the examples' training scripts share: seeding, export to ONNX, sample files."""

import json
import logging
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch


def seed(value: int) -> None:
    torch.manual_seed(value)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)


def train(network, inputs, targets, loss_of, *, epochs, batch, rate, decay) -> None:
    """AdamW with a cosine schedule over shuffled batches."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    network.train()
    for _ in range(epochs):
        for indices in torch.randperm(len(inputs)).split(batch):
            optimizer.zero_grad()
            loss_of(network(inputs[indices]), targets[indices]).backward()
            optimizer.step()
        schedule.step()
    network.eval()


def export(network, folder: Path, example, input_name: str, output_name: str) -> None:
    """Writes model.onnx with a symbolic batch axis, weights inside the file."""
    for name in ("torch.onnx", "onnxscript", "onnx_ir"):
        logging.getLogger(name).setLevel(logging.ERROR)
    program = torch.onnx.export(
        network,
        (example,),
        input_names=[input_name],
        output_names=[output_name],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    model = program.model_proto
    model.doc_string = ""
    model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        # The exporter records the source lines it came from.
        del node.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        del value.metadata_props[:]
    del model.metadata_props[:], model.graph.metadata_props[:]
    onnx.checker.check_model(model)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))


def run(folder: Path, inputs: np.ndarray) -> np.ndarray:
    """What onnxruntime makes of the exported file, which is the float model from here on."""
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    [output] = session.run(None, {session.get_inputs()[0].name: inputs.astype(np.float32)})
    return output


def write_samples(folder: Path, input_name: str, inputs: np.ndarray) -> None:
    """Calibration samples: each a batch of one."""
    samples = [{"inputs": {input_name: numbers(row[None])}} for row in inputs]
    write_json(folder / "samples.json", samples, per_line=True)


def extremes(rows: np.ndarray) -> np.ndarray:
    """The rows that hold a column's smallest or largest value: together they span what the split spans."""
    return rows[sorted({*rows.argmin(0), *rows.argmax(0)})]


def write_test(folder: Path, input_name: str, inputs: np.ndarray, **answers) -> None:
    """Held-out samples: `rows` are flat, `shape` is the shape of each."""
    test = {
        "input": input_name,
        "shape": [1, *inputs.shape[1:]],
        **answers,
        "rows": [numbers(row) for row in inputs.reshape(len(inputs), -1)],
    }
    write_json(folder / "test.json", test)


def numbers(array: np.ndarray):
    """Nested lists; whole numbers without a decimal point, others with the digits that a float32 has."""
    if array.ndim > 0:
        return [numbers(part) for part in array]
    value = float(f"{float(array):.7g}")
    return int(value) if value.is_integer() else value


def write_json(path: Path, value, per_line: bool = False) -> None:
    encode = lambda part: json.dumps(part, separators=(",", ":"))
    text = "[\n" + ",\n".join(map(encode, value)) + "\n]" if per_line else encode(value)
    path.write_text(text + "\n")
