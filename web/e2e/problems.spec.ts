import { expectAccessible } from "./accessible";
import { appIdOf, comeBack, messageBox, openNewApp, view } from "./chat";
import { expect, test } from "./fixtures";
import { saveFile } from "./otherClient";

const TITLE = 'export const title: number = "Recipes";\n';
const APP = 'import { title } from "./title";\n\nexport default function App() {\n  return <h1>{title}</h1>;\n}\n';

test("a type error is a problem whose line opens, and is gone once it is mended and checked again", async ({
  page,
}) => {
  // The editor, which was hidden just before, must be there for the focus at once.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openNewApp(page, "Wrong type");
  await saveFile(appIdOf(page), "src/App.tsx", APP);
  await saveFile(appIdOf(page), "src/title.ts", `// The heading.\n${TITLE}`);
  await comeBack(page);

  await view(page, "Problems").click();
  const problems = page.getByRole("region", { name: "Problems" });
  const problem = problems.getByRole("button", { name: /src\/title\.ts:2:14/ });
  await expect(problem).toContainText("TS2322");
  await expect(view(page, "Problems")).toHaveAccessibleName("Problems 1 problem");
  await expectAccessible(page);
  await problem.press("Enter");

  const editor = page.getByRole("region", { name: "Editor" });
  await expect(editor.getByRole("tab", { name: /title\.ts/ })).toHaveAttribute("aria-selected", "true");
  // Monaco's own mark of the line that the cursor is in.
  await expect(editor.locator(".active-line-number")).toHaveText("2");
  await view(page, "Problems").click();
  await problem.press("Enter");
  await expect(editor.getByRole("textbox", { name: /^Code editor/ })).toBeFocused();
  await saveFile(appIdOf(page), "src/title.ts", TITLE.replace("number", "string"));
  await comeBack(page);
  await view(page, "Problems").click();
  await expect(problems.getByText("The app has changed since this check.")).toBeVisible();
  await problems.getByRole("button", { name: "Check again" }).click();
  await expect(problems.getByRole("heading", { name: "No problems found" })).toBeVisible();
  await expectAccessible(page);
});

test("on a phone too, the problems are a view, and Claude is asked to fix them @phone", async ({ page }) => {
  await openNewApp(page, "Wrong on a phone");
  await saveFile(appIdOf(page), "src/App.tsx", APP.replace("{title}", "{titel}"));
  await saveFile(appIdOf(page), "src/title.ts", TITLE);
  await view(page, "Problems").click();
  await expect(page.getByRole("list", { name: "Problems that the check found" }).getByRole("listitem")).toHaveCount(2);
  await expectAccessible(page);

  await page.getByRole("button", { name: "Fix with Claude" }).first().click();

  await expect(page.getByRole("article", { name: "You" })).toContainText("src/App.tsx:4:15");
  await expect(messageBox(page)).toBeVisible();
});
