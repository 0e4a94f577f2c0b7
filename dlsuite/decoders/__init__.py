"""How text is written from the logits of a network: one file a decoder, a class decorated with `@register("decoder")`.

`dlsuite.decoders.decoder.Decoder` is the interface.
"""
