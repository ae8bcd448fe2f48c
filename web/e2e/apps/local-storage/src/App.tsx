import { useSyncExternalStore } from "react";
import { create } from "zustand";
import { persist } from "zustand/middleware";

interface Counter {
  count: number;
  add: () => void;
}

const useCounter = create<Counter>()(
  persist((set) => ({ count: 0, add: () => set((state) => ({ count: state.count + 1 })) }), { name: "counter" }),
);

function useVisits(): number {
  return useSyncExternalStore(
    () => () => {},
    () => Number(localStorage.getItem("visits")),
  );
}

localStorage.setItem("visits", String(Number(localStorage.getItem("visits") ?? 0) + 1));
sessionStorage.tab = "kept";

export default function App() {
  const { count, add } = useCounter();
  return (
    <main>
      <p>Count: {count}</p>
      <p>Visits: {useVisits()}</p>
      <p>Tab: {sessionStorage.tab}</p>
      <p>Keys: {Object.keys(localStorage).sort().join(", ")}</p>
      <button type="button" onClick={add}>
        Add one
      </button>
    </main>
  );
}
