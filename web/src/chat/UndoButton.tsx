import { Redo2, Undo2 } from "lucide-react";
import { useContext } from "react";
import { Button } from "../ui/Button";
import { ChangesContext, type TurnChange } from "./changes";

interface UndoButtonProps {
  turnId: number;
  change: TurnChange;
  /** How it was when the chat was read. */
  wasUndone: boolean;
}

/** Takes a turn's changes back, or brings them again. */
export function UndoButton({ turnId, change, wasUndone }: UndoButtonProps) {
  const known = useContext(ChangesContext);
  const { undone = wasUndone, status, text } = change;
  const Icon = undone ? Redo2 : Undo2;
  const verb = undone ? "Redo" : "Undo";
  const isForced = status === "changed";
  const isOff = !known?.enabled || !known.sessionId || status === "busy";
  const said = {
    ready: undone ? "These changes are undone." : "",
    busy: "",
    nothing: "These files are like that already.",
    changed: `${text} was changed since. That change would be lost from the file, but stays in its history.`,
    failed: text,
  }[status];
  const toggle = () => {
    if (known?.sessionId && !isOff) void known.changes.toggle({ sessionId: known.sessionId, turnId }, undone, isForced);
  };
  return (
    <>
      <Button
        kind="quiet"
        className="h-7 px-2 text-xs aria-disabled:opacity-50 max-md:h-11"
        // Not `disabled`, which would take the focus away from who has just pressed it.
        aria-disabled={isOff}
        onClick={toggle}
      >
        <Icon size={13} aria-hidden /> <span>{isForced ? `${verb} anyway` : verb}</span>
      </Button>
      <p role="status" className="basis-full pe-2 pb-1 text-xs text-muted empty:hidden">
        {said}
      </p>
    </>
  );
}
