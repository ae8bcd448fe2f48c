import list from "../../../../layers/core/aicode/packages.json";

export interface Package {
  name: string;
  version: string;
  types: string;
  /** The names that an app may import. */
  imports: string[];
  /** Further names for one of these. */
  aliases?: { name: string; of: string }[];
}

export const PACKAGES: readonly Package[] = list.packages;

const owners = new Map(
  PACKAGES.flatMap(({ name, imports, aliases }) =>
    [...imports, ...(aliases ?? []).map((alias) => alias.name)].map((imported) => [imported, name] as const),
  ),
);

/** True if an app may import this name. */
export function isProvided(name: string): boolean {
  return owners.has(name);
}

/** The package that an import belongs to: `date-fns/locale` is of date-fns, `framer-motion` of motion. */
export function packageOf(specifier: string): string {
  return owners.get(specifier) ?? specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
