import { expect, test } from "./fixtures";
import { openApp } from "./previewStage";
import { play, readSampleApps, type SampleApp } from "./sampleApps";

// A trace looks into every frame, and would wait for one in an endless loop.
test.use({ trace: "off" });

/** What an app complains about in the browser's own console is its own affair: the page's preview shows it. */
const complaints = ({ expected }: SampleApp) => (expected.problem ? /./ : null);

for (const sample of readSampleApps()) {
  test.describe(() => {
    test.use({ expectedComplaint: complaints(sample) });

    test(`the sample app "${sample.name}" shows what it must`, async ({ page }) => {
      const stage = await openApp(page, sample.name, sample.files);
      await play(sample, stage);
    });
  });
}

test("an endless loop in the app leaves the page alone, and the vendor can stop it", async ({ page }) => {
  const sample = readSampleApps().find(({ name }) => name === "endless-loop");
  const stage = await openApp(page, "loop", sample?.files ?? new Map());
  await stage.app.getByText("Find primes").evaluate((button: HTMLElement) => void setTimeout(() => button.click()));
  await stage.expectProblem({ kind: "unresponsive" });

  const longest = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const gaps: number[] = [];
        let before = performance.now();
        const timer = setInterval(() => {
          const now = performance.now();
          gaps.push(now - before);
          before = now;
          if (gaps.length < 20) return;
          clearInterval(timer);
          resolve(Math.max(...gaps));
        }, 50);
      }),
  );
  // The loop runs for ten seconds: a page that shared its process would have stood still for seconds.
  expect(longest).toBeLessThan(1500);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.locator("iframe")).toHaveCount(0);
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(stage.app.getByText("0 primes")).toBeVisible();
});
