import { Parent } from "./Parent.js";

export function Child({ depth }: { depth: number }) {
  return <Parent depth={depth} />;
}
