import { useState } from "react";

const stock = new Map([["apple", { left: 3 }]]);

export default function App() {
  const [left, setLeft] = useState(3);
  const buy = (fruit: string) => {
    console.log("buying", { fruit });
    setLeft(stock.get(fruit)!.left - 1);
  };
  return (
    <main>
      <p>{left} left</p>
      <button type="button" onClick={() => buy("pear")}>
        Buy a pear
      </button>
    </main>
  );
}
