export interface RemoteInput {
  url: string;
  branch: string;
  token: string;
}

export const EMPTY_REMOTE: RemoteInput = { url: "", branch: "", token: "" };

interface RemoteFieldsProps {
  value: RemoteInput;
  onChange(value: RemoteInput): void;
  readOnly: boolean;
  /** The form is what was just asked for. */
  autoFocus: boolean;
  /** Which branch is meant where none is named. */
  branchHint: string;
  /** Which rights the token needs. */
  tokenHint: string;
  optionalToken?: boolean;
}

const INPUT =
  "mt-1 h-10 w-full rounded-lg border border-line bg-paper px-3 text-sm text-ink placeholder:text-muted read-only:opacity-60 max-md:h-11 max-md:text-base";

/** Where a repository is, and what opens it. */
export function RemoteFields(props: RemoteFieldsProps) {
  const { value, onChange, readOnly, autoFocus, branchHint, tokenHint, optionalToken } = props;
  return (
    <div className="space-y-3 text-[13px]">
      <label className="block text-muted">
        Repository
        <input
          // biome-ignore lint/a11y/noAutofocus: the caller says when it is right
          autoFocus={autoFocus}
          type="url"
          required
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          placeholder="https://github.com/you/your-app"
          value={value.url}
          readOnly={readOnly}
          onChange={(event) => onChange({ ...value, url: event.target.value })}
          className={INPUT}
        />
      </label>
      <label className="block text-muted">
        Branch
        <input
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={branchHint}
          value={value.branch}
          readOnly={readOnly}
          onChange={(event) => onChange({ ...value, branch: event.target.value })}
          className={INPUT}
        />
      </label>
      <div>
        <label className="block text-muted">
          Access token{optionalToken && " (optional)"}
          <input
            type="password"
            required={!optionalToken}
            autoComplete="off"
            spellCheck={false}
            aria-describedby="token-hint"
            value={value.token}
            readOnly={readOnly}
            onChange={(event) => onChange({ ...value, token: event.target.value })}
            className={INPUT}
          />
        </label>
        <p id="token-hint" className="mt-1.5 text-xs text-muted">
          {tokenHint}
        </p>
      </div>
    </div>
  );
}
