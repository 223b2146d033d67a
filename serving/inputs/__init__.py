"""What may come in: the types of a request, made from the signature, and what is said to one that does not fit."""
