import { format } from "./prices";

export default function App() {
  return <p>It costs {format(12)}.</p>;
}
