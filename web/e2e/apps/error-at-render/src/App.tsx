import { useState } from "react";

interface User {
  name: string;
  tags?: string[];
}

function Tags({ user }: { user: User }) {
  return <ul>{user.tags!.map((tag) => <li key={tag}>{tag}</li>)}</ul>;
}

export default function App() {
  const [user] = useState<User>({ name: "Ada" });
  return (
    <main>
      <h1>{user.name}</h1>
      <Tags user={user} />
    </main>
  );
}
