"""How text becomes tokens, and back: one file a way of cutting it, without what all have in common.

A tokenizer numbers its tokens from 0 and knows nothing of padding, start and end; those are the Text feature's.
"""
