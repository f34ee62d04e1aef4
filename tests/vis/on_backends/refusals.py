"""What cannot work, with the sentence that says so: technique → part of the sentence → networks ("*": all)."""

# Inputs that are no picture and no series: vectors, volumes, several pictures at once.
FLAT = (
    "regression", "activations", "volume", "nested_dicts", "layer_norm", "relu_settings", "smooth_ops",
    "time_distributed", "time_distributed_model", "lambda_layer", "own_leaf", "own_dict", "functional_override",
    "own_state",
)  # fmt: skip
SERIES = ("series", "keyword_tensors", "masked_series", "several_tensors")
NO_GRADIENT = {"no input of this network has a gradient": ("text",)}

REFUSALS: dict[str, dict[str, tuple[str, ...]]] = {
    "deep_visualization": NO_GRADIENT,
    "feature_visualization": {"needs an input with height and width": FLAT, **NO_GRADIENT},
    "deep_dream": {"needs an input with height and width": (*FLAT, *SERIES), **NO_GRADIENT},
}
