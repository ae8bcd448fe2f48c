import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { About } from "./About";

it("is there", () => expect(render(<About />)).toBeTruthy());
