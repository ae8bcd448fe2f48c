import React, { useEffect, useState } from "react";
import { TodoItem, type Todo } from "./components/TodoItem";

const STORAGE_KEY = "todos";
const FILTERS = ["All", "Open", "Done"] as const;
type Filter = (typeof FILTERS)[number];

function loadTodos(): Todo[] {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
  } catch {
    return [];
  }
}

export function App() {
  const [todos, setTodos] = useState<Todo[]>(loadTodos);
  const [draft, setDraft] = useState("");
  const [filter, setFilter] = useState<Filter>("All");

  useEffect(() => {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(todos));
  }, [todos]);

  function addTodo(event: React.SyntheticEvent) {
    event.preventDefault();
    const title = draft.trim();
    if (!title) return;
    setTodos([...todos, { id: crypto.randomUUID(), title, done: false }]);
    setDraft("");
  }

  function toggleTodo(id: string) {
    setTodos(todos.map((todo) => (todo.id === id ? { ...todo, done: !todo.done } : todo)));
  }

  function removeTodo(id: string) {
    setTodos(todos.filter((todo) => todo.id !== id));
  }

  const open = todos.filter((todo) => !todo.done).length;
  const shown = todos.filter((todo) => filter === "All" || todo.done === (filter === "Done"));

  return (
    <main>
      <h1>Todos</h1>

      <form onSubmit={addTodo}>
        <label htmlFor="new-todo" className="visually-hidden">
          New todo
        </label>
        <input
          id="new-todo"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          placeholder="What needs to be done?"
          autoComplete="off"
        />
        <button type="submit" disabled={!draft.trim()}>
          Add
        </button>
      </form>

      <div className="filters" role="group" aria-label="Show">
        {FILTERS.map((name) => (
          <button key={name} type="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {name}
          </button>
        ))}
      </div>

      <ul>
        {shown.map((todo) => (
          <TodoItem key={todo.id} todo={todo} onToggle={toggleTodo} onRemove={removeTodo} />
        ))}
      </ul>

      <p role="status">
        {todos.length === 0 ? "Nothing to do yet." : `${open} of ${todos.length} still to do`}
      </p>
    </main>
  );
}
