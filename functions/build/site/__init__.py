"""What is published of an app: a bundle, its pages, its other files, and nothing that looks secret.

`site` makes the files of a site from an app's source. `environment` is what code sees of `import.meta.env`,
`routers` lets an app live below a path, `page` rewrites HTML for what was built, which `metafile` tells of;
`tailwind` compiles classes, `static` are the files that are taken as they are, and `secret_values` finds what
must not be public.
"""
