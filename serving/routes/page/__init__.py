"""The page for people: a form made from the signature, the answer with its explanation, the model card."""
