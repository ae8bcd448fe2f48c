interface Counted {
  /** Absent where the lines were not counted. */
  additions?: number;
  deletions?: number;
}

/** "+12 -3", without what is nothing. */
export function LineCounts({ of, className = "text-xs" }: { of: Counted; className?: string }) {
  const { additions = 0, deletions = 0 } = of;
  return (
    <span className={`flex gap-1.5 font-mono ${className}`}>
      {additions > 0 && <span className="text-accent">{`+${additions}`}</span>}
      {deletions > 0 && <span className="text-danger">{`-${deletions}`}</span>}
    </span>
  );
}

export function sumOf(changes: readonly Counted[]): Counted {
  return {
    additions: changes.reduce((sum, { additions = 0 }) => sum + additions, 0),
    deletions: changes.reduce((sum, { deletions = 0 }) => sum + deletions, 0),
  };
}
