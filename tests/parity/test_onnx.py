"""The node tests of ONNX: a third opinion on what operators compute, beside PyTorch's."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache

import numpy as np
import pytest
from onnx_layers import TRANSLATIONS
from onnx_nodes import Node, nodes

TOLERANCE = 1e-5
"""Of float32, as a share of the largest number."""

OPERATORS = sorted([*TRANSLATIONS, "Attention", "NegativeLogLikelihoodLoss"])

# Why a test has no counterpart here.  A test that is listed must not pass, and one that is not
# listed must.
SKIPS = {
    "test_attention_*": "multi_head_attention makes queries, keys and values itself",
    "test_averagepool_*_count_include_pad": "average_pool leaves the padding out of the mean",
    "test_averagepool_2d_ceil_last_window_starts_on_pad": "the same",
    "test_averagepool_2d_dilations": "windows of pools have no holes",
    "test_averagepool_2d_same_lower": "the odd zero of `same` is at the far side",
    "test_averagepool_3d_*": "no layers for volumes",
    "test_AvgPool3d*": "no layers for volumes",
    "test_Conv3d*": "no layers for volumes",
    "test_conv_with_strides_and_asymmetric_padding": "a padding in numbers is that of every side",
    "test_ConvTranspose2d*": "conv_transpose has no output padding",
    "test_convtranspose_3d": "no layers for volumes",
    "test_convtranspose_group_2*": "conv_transpose has no groups",
    "test_convtranspose_kernel_shape": "conv_transpose has no output padding",
    "test_convtranspose_output_shape": "conv_transpose has no output padding",
    "test_convtranspose_pad": "conv_transpose has no output padding",
    "test_convtranspose_pads": "a padding in numbers is that of every side",
    "test_gather_1": "embedding looks up along the first axis",
    "test_gather_2d_indices": "embedding looks up along the first axis",
    "test_gather_negative_indices": "tokens are not counted from the end",
    "test_gemm_default_matrix_bias": "a bias is the same in every row",
    "test_gru_seq_length": "gru has its reset gate behind the product",
    "test_lstm_with_peepholes": "lstm has no peepholes",
    "test_matmul_*3d": "dense has one kernel for all samples",
    "test_matmul_4d": "dense has one kernel for all samples",
    "test_matmul_bcast": "dense has one kernel for all samples",
    "test_maxpool_2d_dilations": "windows of pools have no holes",
    "test_MaxPool?d_stride_padding_dilation": "windows of pools have no holes",
    "test_maxpool_2d_same_lower": "the odd zero of `same` is at the far side",
    "test_maxpool_3d_*": "no layers for volumes",
    "test_MaxPool3d*": "no layers for volumes",
    "test_nllloss_*": "cross_entropy takes numbers before softmax, not logarithms behind it",
    "test_prelu_example": "prelu has a slope for each channel, not for each number",
    "test_reshape_allowzero_reordered": "a sample holds a number at least",
    "test_resize_downsample_*": "upsample makes images larger",
    "test_resize_tf_crop_and_resize*": "upsample takes the whole image",
    "test_resize_upsample_scales_cubic*": "upsample is nearest or linear",
    "test_resize_upsample_sizes_cubic": "upsample is nearest or linear",
    "test_resize_upsample_*_align_corners": "pixels are areas, not points",
    "test_resize_upsample_*_asymmetric": "pixels are areas, not points",
    "test_resize_upsample_sizes_nearest_ceil_half_pixel": "the nearest pixel is the nearest",
    "test_resize_upsample_scales_linear_half_pixel_symmetric": "upsample by whole numbers",
    "test_resize_upsample_sizes_nearest": "upsample by whole numbers",
    "test_resize_upsample_sizes_nearest_axes_*": "upsample by whole numbers",
    "test_resize_upsample_sizes_nearest_not_larger": "upsample by whole numbers",
    "test_sce_*_ii": "cross_entropy leaves no target out",
    "test_sce_*_ii_?d": "cross_entropy leaves no target out",
    "test_sce_*_ii_?d_log_prob": "cross_entropy leaves no target out",
    "test_sce_*_ii_log_prob": "cross_entropy leaves no target out",
    "test_sce_*mean_weight": "cross_entropy has no weights of classes",
    "test_sce_*mean_weight_log_prob": "cross_entropy has no weights of classes",
    "test_sce_none_weights*": "cross_entropy has no weights of classes",
    "test_selu": "selu has the constants of its paper",
    "test_selu_example": "selu has the constants of its paper",
}


@dataclass
class Result:
    """What became of the tests of an operator."""

    passed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{len(self.passed):4} {len(self.skipped):8} {len(self.failed):7}"


@cache
def result(operator: str) -> Result:
    found = Result()
    for node in nodes(operator):
        wrong = fault(operator, node)
        listed = any(fnmatchcase(node.name, pattern) for pattern in SKIPS)
        if listed and wrong is None:
            found.failed.append(f"{node.name}: is listed as one to skip, but passes")
        elif listed:
            found.skipped.append(node.name)
        elif wrong is not None:
            found.failed.append(f"{node.name}: {wrong}")
        else:
            found.passed.append(node.name)
    return found


def fault(operator: str, node: Node) -> str | None:
    """How our numbers differ from ONNX's, or why there are none; None where all is well."""
    if operator not in TRANSLATIONS:
        return "no layer of ours is this operator"
    try:
        pairs = list(TRANSLATIONS[operator](node))
    except Exception as error:  # whatever it is, the report of all tests names it
        return repr(error)
    assert pairs
    for ours, theirs in pairs:
        if ours.shape != theirs.shape:
            return f"shape {ours.shape} for {theirs.shape}"
        error = np.abs(ours - theirs.astype(np.float64)).max() / max(1.0, np.abs(theirs).max())
        if not error < TOLERANCE:
            return f"differs by {error:.1e}"
    return None


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_computes_what_onnx_says(operator: str) -> None:
    found = result(operator)
    assert not found.failed, "\n".join(found.failed)
    assert found.passed or operator not in TRANSLATIONS


def test_every_node_test_passes_or_is_listed_with_a_reason() -> None:
    results = {operator: result(operator) for operator in OPERATORS}
    total = Result(
        *(
            [name for each in results.values() for name in getattr(each, what)]
            for what in ("passed", "skipped", "failed")
        )
    )
    print(f"{'operator':26} pass  skipped  failed")
    for operator, each in (*results.items(), ("all", total)):
        print(f"{operator:25} {each}")
    assert not total.failed, "\n".join(total.failed)
    unused = [p for p in SKIPS if not any(fnmatchcase(name, p) for name in total.skipped)]
    assert not unused, f"no test is called so: {unused}"
