import { useParams } from "react-router";
import text from "./about.md?raw";

export function About() {
  const { topic } = useParams();
  return <p>{topic ?? text}</p>;
}
