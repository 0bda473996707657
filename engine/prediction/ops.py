"""Which ONNX operations a model may use: arithmetic, layers and trees; nothing that reads or repeats."""

from __future__ import annotations

DOMAINS = {"ai.onnx.ml": (1, 4)}
"""Domains beside ONNX's own, with the versions that are run."""
_PLAIN = """
Abs Add And ArgMax AveragePool BatchNormalization Cast Clip Concat Constant ConstantOfShape Conv Div Dropout
Elu Equal Erf Exp Expand Flatten GRU Gather Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual
HardSigmoid Identity IsNaN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max
MaxPool Mean Min Mul Neg Not Or PRelu Pow RNN ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Shape
Sigmoid Sign Slice Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh Transpose Unsqueeze Where
""".split()
_TREES = """
ArrayFeatureExtractor Binarizer Imputer LinearClassifier LinearRegressor Normalizer Scaler
TreeEnsembleClassifier TreeEnsembleRegressor
""".split()
OPS = frozenset({*(("", name) for name in _PLAIN), *(("ai.onnx.ml", name) for name in _TREES)})
_LOOPS = {"If", "Loop", "Scan", "SequenceMap"}
_SMALL = {"ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "QuantizeLinear"}


def instead_of(domain: str, name: str) -> str:
    """Why an operation that is not in `OPS` is refused, and what to do, to follow its name."""
    if name in _LOOPS:
        return "a loop or branch, whose time nobody can bound; export it without"
    if name in _SMALL or name.startswith("QLinear"):
        return "of 8-bit models, which were slower here and up to 0.33 off; export it as float32"
    if name == "ZipMap":
        return "which makes lists instead of arrays; convert it with zipmap=False"
    where = f" of {domain[:80]!r}" if domain else ""
    return f"which is not among those that models may use{where}; see the help on models for the list"
