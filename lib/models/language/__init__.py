"""Causal language models from a reader's own folder: loaded, fine-tuned, asked and scored, through transformers and peft."""
