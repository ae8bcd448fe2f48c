import { lazy } from "react";
import type { Config } from "../api/client";
import { LazyPart } from "../ui/LazyPart";
import type { Picture } from "./ExamplePicture";

const ExamplePicture = lazy(() => import("./ExamplePicture"));

interface Example {
  text: string;
  /** What will come of it, in a few words. */
  about: string;
  picture: Picture;
}

const EXAMPLES: Record<"begin" | "change", Example[]> = {
  begin: [
    { text: "Create a todo app with React", about: "Lists, filters, kept in the browser", picture: "list" },
    { text: "Build a landing page for a small bakery", about: "A hero, a menu, opening hours", picture: "page" },
    { text: "Make a pomodoro timer with sound", about: "Start, pause, a gentle bell", picture: "timer" },
  ],
  change: [
    { text: "Add a dark mode", about: "With a switch that remembers", picture: "dark" },
    { text: "Make it look good on a phone", about: "Layout, sizes, touch", picture: "phone" },
    { text: "Explain how this app works", about: "File by file, in plain words", picture: "words" },
  ],
};
const SEARCH: Example = {
  text: "Search the web for accessible forms",
  about: "Reads pages and names its sources",
  picture: "search",
};
/** What the demo model can play. */
const DEMO_EXAMPLES: Record<"begin" | "change", Example[]> = {
  begin: [{ text: "Create a todo app with React", about: "To add to, tick off and filter", picture: "list" }, SEARCH],
  change: [
    { text: "Change the heading to My Tasks", about: "One edit in one file", picture: "heading" },
    { text: "Make the heading blue", about: "One edit in the styles", picture: "colour" },
    SEARCH,
  ],
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
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-5 py-8">
      <div className="m-auto w-full max-w-md">
        <h2 className="font-serif text-[30px] leading-tight tracking-tight">
          {hasFiles ? "What shall we change?" : "What shall we build?"}
        </h2>
        <p className="mt-2 text-muted">
          Say it in a sentence. The assistant writes the files while you watch, and you can edit every one of them
          yourself.
        </p>
        <ul className="mt-6 space-y-2.5" aria-label="Examples">
          {examples.map(({ text, about, picture }) => (
            <li key={text}>
              <button
                type="button"
                onClick={() => onPick(text)}
                aria-label={text}
                className="flex w-full items-center gap-4 rounded-2xl border border-line bg-surface p-2.5 pe-4 text-start shadow-xs transition-[border-color,box-shadow] hover:border-accent hover:shadow-md"
              >
                <LazyPart what="A picture" loading={<span className="h-14 w-20 shrink-0" />}>
                  <ExamplePicture of={picture} />
                </LazyPart>
                <span className="min-w-0">
                  <span className="block font-medium text-balance">{text}</span>
                  <span className="block text-[13px] text-muted">{about}</span>
                </span>
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
