import { first } from "./legacy";
import axios from "axios";
import type { Element } from "hast";
import { format } from "date-fns/format";
import { renderToString } from "react-dom/server";

export default function App() {
  void axios.get("/api");
  const element: Element | null = null;
  return <p>{format(new Date(), "P")}{renderToString(<b />)}{String(element ?? first)}</p>;
}
