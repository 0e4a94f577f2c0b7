"""How samples are drawn from a generator: one file a sampler, decorated with `@register("sampler")`."""
