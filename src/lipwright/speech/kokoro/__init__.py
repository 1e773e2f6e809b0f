"""The offline voice: Kokoro on ONNX Runtime."""
