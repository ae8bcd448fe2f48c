import { type ReactNode, Suspense } from "react";
import { ErrorBoundary } from "./ErrorBoundary";

interface LazyPartProps {
  /** What it is, as the beginning of a sentence: said where it cannot be loaded. */
  what: string;
  /** What stands in its place until it is there. */
  loading?: ReactNode;
  children: ReactNode;
}

/** A part of the page that is loaded when it is needed, and whose failure is its own. */
export function LazyPart({ what, loading = null, children }: LazyPartProps) {
  return (
    <ErrorBoundary what={what}>
      <Suspense fallback={loading}>{children}</Suspense>
    </ErrorBoundary>
  );
}
