// The types of the API, made from its published schema. `--check` writes nothing and fails where they differ.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const source = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));
const target = fileURLToPath(new URL("../src/api/generated/schema.ts", import.meta.url));

const { schemas } = JSON.parse(
  readFileSync(source, "utf8").replaceAll("#/components/schemas/", "#/definitions/"),
).components;
const names = Object.keys(schemas);
const root = {
  title: "Schemas",
  description: "Every shape that the API sends or takes, by its name.",
  type: "object",
  additionalProperties: false,
  definitions: schemas,
  properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }])),
  required: names,
};
const types = await compile(root, "Schemas", {
  bannerComment: "// Made from docs/openapi.json by `npm run types`; not to be changed by hand.",
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  format: true,
  style: { printWidth: 120 },
});

if (!process.argv.includes("--check")) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, types);
} else if (!existsSync(target) || types !== readFileSync(target, "utf8")) {
  console.error("src/api/generated/schema.ts does not match docs/openapi.json: run `npm run types`.");
  process.exitCode = 1;
}
