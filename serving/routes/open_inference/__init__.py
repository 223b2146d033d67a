"""The Open Inference Protocol, version 2, over HTTP.

https://github.com/kserve/open-inference-protocol describes it, and
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md its binary tensors.
"""

from serving.routes.open_inference.routes import add_open_inference

__all__ = ["add_open_inference"]
