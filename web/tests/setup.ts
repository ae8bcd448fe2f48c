import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A deadline, not a pause: machines that run tests are often busy.
configure({ asyncUtilTimeout: 8000 });

afterEach(() => {
  cleanup();
  globalThis.localStorage?.clear();
});
