import { useRef, useState } from "react";
import { pathOf } from "./location";

interface AddressFieldProps {
  path: string;
  disabled: boolean;
  onGo(path: string): void;
}

/** Where the app is; another path is gone to with Enter, and Esc brings the present one back. */
export function AddressField({ path, disabled, onGo }: AddressFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  return (
    <form
      className="min-w-0 flex-1"
      onSubmit={(event) => {
        event.preventDefault();
        onGo(pathOf(draft ?? path, path));
        setDraft(null);
        input.current?.blur();
      }}
    >
      <input
        ref={input}
        type="text"
        inputMode="url"
        enterKeyHint="go"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-label="Address in the app"
        disabled={disabled}
        value={draft ?? path}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => setDraft(null)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || draft === null) return;
          event.stopPropagation();
          setDraft(null);
        }}
        className="h-8 w-full min-w-0 rounded-full border border-line bg-surface px-3.5 text-[13px] text-ink transition-colors hover:border-muted/50 focus:border-accent disabled:opacity-60 max-md:h-11 max-md:text-base"
      />
    </form>
  );
}
