/** A simulator's own clock, in epoch seconds: it can start anywhere, run fast, or stand still (`times` 0). */
export type Clock = { now: () => number; set: (instant: Date, times?: number) => void };

export function clock(start?: Date | (() => Date)): Clock {
  let read: () => number = typeof start === "function" ? () => start().getTime() / 1_000 : () => Date.now() / 1_000;
  const set = (instant: Date, times = 1) => {
    const base = instant.getTime() / 1_000;
    const origin = Date.now() / 1_000;
    read = () => base + (Date.now() / 1_000 - origin) * times;
  };
  if (start instanceof Date) set(start);
  return { now: () => read(), set };
}
