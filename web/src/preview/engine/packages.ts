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

const importable = new Set(
  PACKAGES.flatMap(({ imports, aliases }) => [...imports, ...(aliases ?? []).map(({ name }) => name)]),
);

/** True if an app may import this name. */
export function isProvided(name: string): boolean {
  return importable.has(name);
}

/** The package that a name of an import belongs to: `date-fns/locale` is of `date-fns`. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
