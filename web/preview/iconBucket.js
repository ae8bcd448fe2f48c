/** lucide-react is served in this many modules, so that an app loads only those that hold its icons. */
export const ICON_BUCKETS = 64;

/**
 * Which of these modules holds an icon, by its first name.
 * @param {string} name
 */
export function iconBucket(name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % ICON_BUCKETS;
}
