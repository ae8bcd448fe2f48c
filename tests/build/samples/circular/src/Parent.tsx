import { Child } from "./Child";

export function Parent({ depth }: { depth: number }) {
  return depth > 0 ? <Child depth={depth - 1} /> : null;
}
