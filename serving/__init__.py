"""The endpoint: FastAPI over an ONNX bundle. Imports nothing from the rest of the project."""
