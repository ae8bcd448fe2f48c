"""What other functions ask of the build function, which compiles apps and runs none of their code.

Other rooms use `builder`: its `Builder` is what they are given, `LambdaBuilder` what calls the function.
"""
