import { Link } from "react-router-dom";
import logo, { ReactComponent as Logo } from "../logo.svg";

export default function Home() {
  return (
    <main className="card">
      <img src={logo} alt="" />
      <Logo width={24} />
      <Link to="/about">About</Link>
    </main>
  );
}
