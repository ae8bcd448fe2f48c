import type { Problem } from "./model";

export interface ProblemWords {
  title: string;
  /** What it means for the vendor. */
  hint: string;
}

/** What is said of a problem, in words for somebody who may not program. */
export function problemWords(problem: Problem, painted: boolean): ProblemWords {
  switch (problem.kind) {
    case "syntax":
      return {
        title: problem.at
          ? `There is a mistake in ${problem.at.path.slice(problem.at.path.lastIndexOf("/") + 1)}`
          : "There is a mistake in the code",
        hint: painted ? "The app goes on as it was before this change." : "The app starts as soon as it is mended.",
      };
    case "missing":
      return problem.packageName
        ? {
            title: `The package “${problem.packageName}” is not available here.`,
            hint: "Apps can use a fixed set of packages. Claude knows them, and can build this without it.",
          }
        : { title: "Something that the app imports is not there", hint: "A file was renamed, deleted or never made." };
    case "import":
      return { title: "The app could not start", hint: "It failed while its files were loaded." };
    case "render":
      return { title: "The app could not be shown", hint: "A component failed while it was rendered." };
    case "event":
      return { title: "An action in the app failed", hint: "The app goes on, but what you did may not have worked." };
    case "promise":
      return { title: "Something failed in the background", hint: "The app goes on, but a part may be missing." };
    case "unresponsive":
      return {
        title: "The app does not answer",
        hint: "Most likely it is in an endless loop. The rest of this page is not affected.",
      };
  }
}
