export default function App() {
  return (
    <main>
      <p>Hello</p>
    </section>
  );
}
