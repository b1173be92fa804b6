/** The product's clock. Leases, visibility and receive counts use the database's; all else asks here, so that tests and the demo can move it. */
let base = 0;
let origin = 0;
let speed = 1;

export function now(): Date {
  const real = Date.now();
  return new Date(origin === 0 ? real : base + (real - origin) * speed);
}

/** Sets the clock to an instant, running `times` as fast as real time; 0 holds it still. */
export function set(instant: Date, times = 1): void {
  base = instant.getTime();
  origin = Date.now();
  speed = times;
}

export function reset(): void {
  origin = 0;
  speed = 1;
}
