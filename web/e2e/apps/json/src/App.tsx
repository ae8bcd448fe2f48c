import { useEffect, useState } from "react";
import styles from "./Cities.module.css";
import cities from "./data/cities.json";
import { note } from "./data/__proto__.json";
import readme from "../README.md?raw";

export default function App() {
  const [more, setMore] = useState<string[]>([]);
  useEffect(() => {
    fetch("/more.json")
      .then((answer) => answer.json())
      .then(setMore);
  }, []);
  return (
    <main>
      <h1>{readme.split("\n")[0]?.replace("# ", "")}</h1>
      <ul className={styles.list}>
        {cities.map(({ name, people }) => (
          <li key={name} className={styles.city}>
            {name}: {people.toLocaleString("en")}
          </li>
        ))}
        {more.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <p>{note}</p>
    </main>
  );
}
