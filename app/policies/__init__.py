"""The rules of the product: who may, and what may be typed."""
