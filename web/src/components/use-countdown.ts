import { useEffect, useState } from 'react';

/** Seconds that are left of a wait which began when `since` changed; 0 when it is over, or when there is none. */
export function useCountdown(seconds: number | undefined, since: unknown): number {
  const [left, setLeft] = useState(seconds ?? 0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `since` begins the wait anew, also one of the same length.
  useEffect(() => {
    if (!seconds) return setLeft(0);
    const endsAtMs = performance.now() + seconds * 1000;
    setLeft(seconds);
    const timer = setInterval(() => {
      const now = Math.max(0, Math.ceil((endsAtMs - performance.now()) / 1000));
      setLeft(now);
      if (now === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [seconds, since]);

  return left;
}

/** A number of seconds as people say it: `45 s`, `14 min 05 s`. */
export function sayDuration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
