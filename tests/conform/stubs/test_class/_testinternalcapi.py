from _absent import _Missing

has_inline_values = _Missing("has_inline_values")
