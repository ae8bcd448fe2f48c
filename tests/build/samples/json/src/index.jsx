import { createRoot } from "react-dom/client";
import products, { length } from "./products.json";

createRoot(document.getElementById("root")).render(<ul data-count={length}>{products.list.map((each) => <li key={each.id}>{each.name}</li>)}</ul>);
