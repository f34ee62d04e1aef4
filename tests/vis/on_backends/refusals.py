"""What cannot work, with the sentence that says so: technique → part of the sentence → networks ("*": all)."""

# Inputs that are no picture and no series: vectors, volumes, several pictures at once.
FLAT = (
    "regression", "activations", "volume", "nested_dicts", "layer_norm", "relu_settings", "smooth_ops",
    "time_distributed", "time_distributed_model", "lambda_layer", "own_leaf", "own_dict", "functional_override",
    "own_state",
)  # fmt: skip
SERIES = ("series", "keyword_tensors", "masked_series", "several_tensors")
# Of these the zoo has no set of pictures: no picture, or several inputs.
NO_SET = (*FLAT, *SERIES, "text", "siamese", "image_and_vector", "image_and_ids", "subclassed_around")

NO_GRADIENT = {"no input of this network has a gradient": ("text",)}
NO_MAPS = {"needs a layer with height and width": (*FLAT, *SERIES)}
# TensorFlow's ReLU makes 0 of NaN, so there is something to compare there.
NAN = {"no finite numbers": ("nan_weights",)}
SET = {"and none is given": NO_SET}

REFUSALS: dict[str, dict[str, tuple[str, ...]]] = {
    "step_by_step": {
        "step by step needs an image": (*FLAT, *SERIES),
        "has no convolution to go through": ("spectral_norm",),
        **NO_GRADIENT,
    },
    "saliency_maps": NO_GRADIENT,
    "gradient_times_input": NO_GRADIENT,
    "guided_backpropagation": NO_GRADIENT,
    "integrated_gradients": NO_GRADIENT,
    "smoothgrad(saliency_maps)": NO_GRADIENT,
    "vargrad(saliency_maps)": NO_GRADIENT,
    "grad_cam": {"needs a layer with height and width": (*FLAT, *SERIES, "text")},
    "grad_cam_plus_plus": {"needs a layer with height and width": (*FLAT, *SERIES, "text")},
    "layer_cam": {"needs a layer with height and width": (*FLAT, *SERIES, "text")},
    "guided_grad_cam": {**NO_MAPS, **NO_GRADIENT},
    "occlusion": {
        "occlusion covers parts of a picture": FLAT,
        "a patch of size=4 is larger than the image": ("series",),
        **NO_GRADIENT,
    },
    "deconvolutional_network": {**NO_MAPS, **NO_GRADIENT},
    "deep_visualization": NO_GRADIENT,
    "feature_visualization": {"needs an input with height and width": FLAT, **NO_GRADIENT},
    "deep_dream": {"needs an input with height and width": (*FLAT, *SERIES), **NO_GRADIENT},
    "maximal_images": {"and none is given": tuple(each for each in NO_SET if each != "text"), **NO_GRADIENT},
    "embedding": {**SET, **NAN},
    "confusion_matrix": {**SET, **NAN},
    "precision_recall": {**SET, **NAN},
    "worst_images": {**SET, **NAN},
}
