import { useState } from "react";

function primesUpTo(limit: number): number[] {
  const primes: number[] = [];
  let candidate = 2;
  while (candidate <= limit) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
    // The next candidate is never looked at.
  }
  return primes;
}

export default function App() {
  const [primes, setPrimes] = useState<number[]>([]);
  return (
    <main>
      <p>{primes.length} primes</p>
      <button type="button" onClick={() => setPrimes(primesUpTo(10))}>
        Find primes
      </button>
    </main>
  );
}
