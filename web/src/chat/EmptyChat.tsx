import type { Config } from "../api/client";

const EXAMPLES = {
  begin: [
    "Create a todo app with React",
    "Build a landing page for a small bakery",
    "Make a pomodoro timer with sound",
  ],
  change: ["Add a dark mode", "Make it look good on a phone", "Explain how this app works"],
};
/** What the demo model can play. */
const DEMO_EXAMPLES = {
  begin: ["Create a todo app with React", "Search the web for accessible forms"],
  change: ["Change the heading to My Tasks", "Make the heading blue", "Search the web for accessible forms"],
};

interface EmptyChatProps {
  demo: Config["demo"];
  hasFiles: boolean;
  onPick(text: string): void;
}

/** The first screen of a chat: what this is, what in it is a stand-in, and where one might begin. */
export function EmptyChat({ demo, hasFiles, onPick }: EmptyChatProps) {
  const standIns = standInSentences(demo);
  const examples = (demo.model ? DEMO_EXAMPLES : EXAMPLES)[hasFiles ? "change" : "begin"];
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-6 py-8">
      <div className="m-auto w-full max-w-md">
        <h2 className="font-serif text-[28px] leading-tight tracking-tight">
          {hasFiles ? "What shall we change?" : "What shall we build?"}
        </h2>
        <p className="mt-2 text-muted">
          Say it in a sentence. The assistant writes the files while you watch, and you can edit every one of them
          yourself.
        </p>
        <ul className="mt-5 space-y-2" aria-label="Examples">
          {examples.map((example) => (
            <li key={example}>
              <button
                type="button"
                onClick={() => onPick(example)}
                className="w-full rounded-xl border border-line bg-surface px-3.5 py-2.5 text-left transition-colors hover:border-accent hover:bg-accent-soft"
              >
                {example}
              </button>
            </li>
          ))}
        </ul>
        {standIns.length > 0 && (
          <section aria-label="Stand-ins" className="mt-6 rounded-xl bg-warn-soft px-3.5 py-3 text-[13px] text-warn">
            <h3 className="font-semibold">This runs on your machine with stand-ins</h3>
            <ul className="mt-1 list-disc space-y-0.5 pl-4">
              {standIns.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  );
}

function standInSentences(demo: Config["demo"]): string[] {
  const sentences: string[] = [];
  if (demo.model) {
    sentences.push("The model is a scripted demo, not Claude. Set ANTHROPIC_API_KEY for the real one.");
  }
  if (demo.search) sentences.push("Web search knows a handful of demo pages. Set EXA_API_KEY for the web.");
  if (demo.store) sentences.push("Chats and files are kept on this machine, in place of Upstash, DynamoDB and S3.");
  return sentences;
}
