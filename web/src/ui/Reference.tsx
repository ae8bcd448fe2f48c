import { CopyButton } from "./CopyButton";

/** The id under which a fault is found in the server's log, to be handed to whoever looks after it. */
export function Reference({ id }: { id: string }) {
  return (
    <p className="flex w-full items-center gap-1 text-xs">
      <span className="min-w-0 truncate" title={id}>
        Reference <code className="font-mono select-all">{id}</code>
      </span>
      <CopyButton label="Copy the reference" text={() => id} className="text-inherit max-md:p-3.5" />
    </p>
  );
}
