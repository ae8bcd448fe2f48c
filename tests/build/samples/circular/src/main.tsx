import { createRoot } from "react-dom/client";
import { Parent } from "./Parent";

createRoot(document.getElementById("root")!).render(<Parent depth={2} />);
