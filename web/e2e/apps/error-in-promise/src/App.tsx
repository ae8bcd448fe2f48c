import { useEffect, useState } from "react";

async function load(): Promise<string> {
  await Promise.resolve();
  throw new Error("The weather service did not answer");
}

export default function App() {
  const [weather, setWeather] = useState("Loading the weather");
  useEffect(() => {
    void load().then(setWeather);
  }, []);
  return <p>{weather}</p>;
}
