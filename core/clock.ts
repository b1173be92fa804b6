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

const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Whether an instant, in milliseconds since 1970, lies in the years 1 to 9999: what ISO text of four digits, and so Postgres, can take. */
export const storable = (ms: number): boolean => ms >= FIRST_MS && ms <= LAST_MS;
