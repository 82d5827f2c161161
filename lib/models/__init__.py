"""Models and samplers in torch: batched, device-agnostic, one idea a file. They know no notebook."""
