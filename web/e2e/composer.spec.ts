import { answers, finished, messageBox, openNewApp, runningApp, send, TODO_APP } from "./chat";
import { expect, test } from "./fixtures";

test("a file is mentioned by keyboard, and an element of the app by a click, and Claude is told both", async ({
  page,
}) => {
  await openNewApp(page, "Mentions");
  await send(page, TODO_APP);
  await finished(answers(page).first());

  await messageBox(page).pressSequentially("Look at @todoi");
  await page.keyboard.press("Enter");
  await expect(messageBox(page)).toHaveValue(/TodoItem/);
  await messageBox(page).pressSequentially(" and @zzz");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Select an element" }).click();
  await runningApp(page).getByRole("heading", { name: "Todos" }).click();
  await expect(page.getByRole("list", { name: "Attached" })).toContainText(/App · App\.tsx:\d+/);
  await messageBox(page).press("Enter");
  const asked = page.getByRole("article", { name: "You" }).last();
  await expect(asked).toContainText("TodoItem.tsx");
  await expect(asked).toContainText(/Element of the running app: App in src\/App\.tsx, line \d+/);
});
