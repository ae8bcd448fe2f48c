import { createRoot } from "react-dom/client";
import { Sales } from "./Sales";

createRoot(document.getElementById("root")!).render(<Sales />);
