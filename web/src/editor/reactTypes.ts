/** The declarations that a React app in TypeScript needs, as Monaco's `extraLibs`. */

import reactGlobal from "../../node_modules/@types/react/global.d.ts?raw";
import react from "../../node_modules/@types/react/index.d.ts?raw";
import jsxRuntime from "../../node_modules/@types/react/jsx-runtime.d.ts?raw";
import reactDomClient from "../../node_modules/@types/react-dom/client.d.ts?raw";
import reactDom from "../../node_modules/@types/react-dom/index.d.ts?raw";
import csstype from "../../node_modules/csstype/index.d.ts?raw";

const MODULES = "file:///node_modules";

export const REACT_TYPES = [
  { content: csstype, filePath: `${MODULES}/csstype/index.d.ts` },
  { content: react, filePath: `${MODULES}/@types/react/index.d.ts` },
  { content: reactGlobal, filePath: `${MODULES}/@types/react/global.d.ts` },
  { content: jsxRuntime, filePath: `${MODULES}/@types/react/jsx-runtime.d.ts` },
  { content: reactDom, filePath: `${MODULES}/@types/react-dom/index.d.ts` },
  { content: reactDomClient, filePath: `${MODULES}/@types/react-dom/client.d.ts` },
  { content: "declare module '*.css';\ndeclare module '*.svg';\n", filePath: "file:///assets.d.ts" },
];
