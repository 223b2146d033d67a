"""Fitting, and exporting to ONNX."""
