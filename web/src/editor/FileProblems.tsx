import { CircleX } from "lucide-react";
import { useEffect, useState } from "react";
import { countOf } from "../problems/words";
import { monaco } from "./monacoSetup";

interface FileProblemsProps {
  /** The model that is shown, or null where none is. */
  model(): monaco.editor.ITextModel | null;
  /** Another file is shown. */
  activeFile: string;
  onNext(): void;
}

/** How many problems the shown file has as it is typed, and the way from one to the next. */
export function FileProblems({ model, activeFile, onNext }: FileProblemsProps) {
  const [count, setCount] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file has other problems
  useEffect(() => {
    const look = () => {
      const resource = model()?.uri;
      const markers = resource ? monaco.editor.getModelMarkers({ resource }) : [];
      setCount(markers.filter(({ severity }) => severity === monaco.MarkerSeverity.Error).length);
    };
    look();
    const listener = monaco.editor.onDidChangeMarkers(look);
    return () => listener.dispose();
  }, [model, activeFile]);
  if (count === 0) return null;
  return (
    <button
      type="button"
      onClick={onNext}
      title="Go to the next problem (F8)"
      className="absolute right-5 bottom-3 z-10 flex items-center gap-1.5 rounded-full border border-line bg-surface px-3 py-1 text-xs text-danger shadow-md hover:bg-raised"
    >
      <CircleX size={13} aria-hidden /> {countOf(count)} in this file
    </button>
  );
}
