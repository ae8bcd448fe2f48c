import leaf from "./assets/leaf.svg";
import Leaf from "./assets/leaf.svg?react";

export default function App() {
  return (
    <main>
      <h1>Three ways to draw</h1>
      <img src={leaf} alt="A leaf as a picture" />
      <img src="/sun.svg" alt="A sun from public" />
      <Leaf role="img" aria-label="A leaf as a component" className="text-green-700" />
      <div className="framed" />
    </main>
  );
}
