"""The type checker: TypeScript's native compiler, which is asked for its diagnostics alone.

Other rooms use `checker`. `environment.d.ts` declares what an app has beside its own files: what importing a
style sheet or a picture gives, and `import.meta.env`.
"""
