// The parser inside of sucrase has its types beside it under another name.
declare module "sucrase/dist/esm/parser" {
  export { parse } from "sucrase/dist/types/parser";
}

declare module "sucrase/dist/esm/parser/tokenizer/types" {
  export { TokenType } from "sucrase/dist/types/parser/tokenizer/types";
}
