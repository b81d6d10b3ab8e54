# native: tokens of a source file; waits for the parser's lexer.


class TokenizerIter:
    def __init__(self, readline, /, *, extra_tokens, encoding=None):
        raise NotImplementedError("tokenize is not available yet")
