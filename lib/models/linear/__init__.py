"""Linear classifiers: least squares, ridge and logistic ridge, batched."""
