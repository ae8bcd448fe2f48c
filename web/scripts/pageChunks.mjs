// Two chunks for all that the page begins with. By itself the bundler makes one for each set of later parts that
// share some of it: 45 files, which compress worse by 7 kB, and of which each costs a request.

/** Groups for `codeSplitting`: what both of two entries begin with, and what only the first does. */
export function pageChunks(page, other) {
  let begins = null;
  const known = (context) => {
    begins ??= [page, other].map((entry) => reachedFrom(new URL(`../${entry}`, import.meta.url).pathname, context));
    return begins;
  };
  return [
    {
      name: (id, context) => (known(context).every((modules) => modules.has(id)) ? "shared" : null),
      // The other group must not take these along, or the second entry would have to load it.
      priority: 1,
    },
    { name: (id, context) => (known(context)[0].has(id) ? "page" : null) },
  ];
}

/** The modules that are there before the first line of `entry` runs. */
function reachedFrom(entry, context) {
  const reached = new Set([entry]);
  for (const id of reached) {
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) reached.add(imported);
  }
  return reached;
}
