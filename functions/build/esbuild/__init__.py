"""The bundler: esbuild as a service process, which asks here for every import and file of the app.

So it reads no file of the app from the disk, and an import means what it means in the preview. Other rooms
use `bundler`. `packets` is the language that the service speaks, `service` the conversation, `modules` the
answers to what it asks, `icons` one of them.
"""
