/**
 * Hands on what comes of `work`, a failure only where somebody wants it. The function that it gives is the end of an
 * effect: what comes after that is too late, and concerns nobody.
 */
export function unlessLeft<T>(
  work: Promise<T>,
  found: (value: T) => void,
  failed?: (reason: unknown) => void,
): () => void {
  let isLeft = false;
  work.then(
    (value) => !isLeft && found(value),
    (reason) => !isLeft && failed?.(reason),
  );
  return () => {
    isLeft = true;
  };
}
