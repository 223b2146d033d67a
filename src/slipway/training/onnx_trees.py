"""Trees as ONNX nodes, split thresholds and leaves kept in double precision.

Source: operator TreeEnsembleRegressor of ai.onnx.ml version 3. A LightGBM split sends a row left when
``value <= threshold``; a missing value goes where ``default_left`` says or, where training saw none, counts as 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from slipway.training.onnx_graph import INPUT, OUTPUT

_SUM = "trees"


@dataclass(frozen=True)
class Node:
    """One node of one tree; ``yes`` and ``no`` are the children's numbers, 0 in a leaf."""

    tree: int
    number: int
    mode: str
    feature: int = 0
    threshold: float = 0.0
    yes: int = 0
    no: int = 0
    missing_goes_left: bool = False
    leaf: float = 0.0


def tree_ensemble(dump: dict[str, Any]) -> list[Any]:
    """Nodes that add up all trees of a booster.

    Args:
        dump: what ``Booster.dump_model()`` returns; numerical splits only.
    """
    trees = enumerate(dump["tree_info"])
    return summed_trees([node for number, tree in trees for node in _nodes(number, tree["tree_structure"])])


def summed_trees(nodes: Sequence[Node]) -> list[Any]:
    """Nodes that add up the leaves that a row falls into, from the double tensor INPUT to the double tensor OUTPUT.

    Args:
        nodes: of all trees, each tree's numbered from 0, the root.
    """
    leaves = [node for node in nodes if node.mode == "LEAF"]
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        [INPUT],
        [_SUM],
        name="trees",
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        nodes_treeids=[n.tree for n in nodes],
        nodes_nodeids=[n.number for n in nodes],
        nodes_modes=[n.mode for n in nodes],
        nodes_featureids=[n.feature for n in nodes],
        nodes_truenodeids=[n.yes for n in nodes],
        nodes_falsenodeids=[n.no for n in nodes],
        nodes_missing_value_tracks_true=[int(n.missing_goes_left) for n in nodes],
        nodes_values_as_tensor=_doubles("nodes_values", [n.threshold for n in nodes]),
        target_treeids=[n.tree for n in leaves],
        target_nodeids=[n.number for n in leaves],
        target_ids=[0] * len(leaves),
        target_weights_as_tensor=_doubles("target_weights", [n.leaf for n in leaves]),
    )
    return [ensemble, helper.make_node("Cast", [_SUM], [OUTPUT], name="raw", to=TensorProto.DOUBLE)]


def _nodes(tree: int, root: dict[str, Any]) -> Iterator[Node]:
    structures = list(_preorder(root))
    numbers = {id(structure): number for number, structure in enumerate(structures)}
    for number, structure in enumerate(structures):
        if "split_feature" not in structure:
            yield Node(tree, number, "LEAF", leaf=structure["leaf_value"])
            continue
        yield Node(
            tree,
            number,
            "BRANCH_LEQ",
            feature=structure["split_feature"],
            threshold=structure["threshold"],
            yes=numbers[id(structure["left_child"])],
            no=numbers[id(structure["right_child"])],
            missing_goes_left=_missing_goes_left(structure),
        )


def _missing_goes_left(structure: dict[str, Any]) -> bool:
    if structure["missing_type"] == "NaN":
        return bool(structure["default_left"])
    return bool(structure["threshold"] >= 0)


def _preorder(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    stack = [root]
    while stack:
        structure = stack.pop()
        yield structure
        if "split_feature" in structure:
            stack += [structure["right_child"], structure["left_child"]]


def _doubles(name: str, values: list[float]) -> Any:
    return numpy_helper.from_array(np.array(values, dtype="float64"), name)
