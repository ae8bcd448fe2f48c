import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { createApi, loadConfig } from "./api/client";
import "./styles.css";
import { ErrorBoundary } from "./ui/ErrorBoundary";
import { applyTheme, readThemeChoice } from "./ui/theme";

applyTheme(readThemeChoice());
const config = await loadConfig();
const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary what="The page">
      <App api={createApi(config)} config={config} />
    </ErrorBoundary>
  </StrictMode>,
);
