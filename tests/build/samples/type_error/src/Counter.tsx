import { useState } from "react";

interface CounterProps {
  start: number;
}

export function Counter({ start }: CounterProps) {
  const [count, setCount] = useState(start);
  const wrong: CounterProps = { start: unknownName };
  return <button onClick={() => setCount(count + wrong.start)}>{count.toUpperCase()}</button>;
}
