import { BrowserRouter, Link, NavLink, Route, Routes, useNavigate, useParams } from "react-router-dom";

const PRODUCTS = [
  { id: "lamp", name: "Desk lamp", price: 49 },
  { id: "chair", name: "Oak chair", price: 180 },
];

function Products() {
  return (
    <ul>
      {PRODUCTS.map((product) => (
        <li key={product.id}>
          <Link to={`/products/${product.id}`}>{product.name}</Link>
        </li>
      ))}
    </ul>
  );
}

function Product() {
  const { id } = useParams();
  const navigate = useNavigate();
  const product = PRODUCTS.find((candidate) => candidate.id === id);
  if (!product) return <p>There is no such product.</p>;
  return (
    <article>
      <h2>{product.name}</h2>
      <p>Costs {product.price} euro</p>
      <button type="button" onClick={() => navigate(-1)}>
        Back to the list
      </button>
    </article>
  );
}

export default function App() {
  return (
    <BrowserRouter>
      <nav>
        <NavLink to="/">Products</NavLink> <NavLink to="/about?from=menu">About</NavLink>
      </nav>
      <Routes>
        <Route path="/" element={<Products />} />
        <Route path="/products/:id" element={<Product />} />
        <Route path="/about" element={<p>We sell two things.</p>} />
        <Route path="*" element={<p>Nothing here.</p>} />
      </Routes>
    </BrowserRouter>
  );
}
