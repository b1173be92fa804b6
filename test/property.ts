import fc from "fast-check";

const RUNS = Number(process.env.PROPERTY_RUNS ?? 4);
const SEED = process.env.PROPERTY_SEED ?? "20261121";

/**
 * Holds a property against random schedules: the same ones at each run, so that what fails can be had again; PROPERTY_SEED=random draws others, and prints
 * which (PROPERTY_RUNS: how many).
 */
export async function holds<T>(name: string, schedule: fc.Arbitrary<T>, property: (schedule: T) => Promise<void>): Promise<void> {
  const seed = SEED === "random" ? Date.now() % 2 ** 31 : Number(SEED);
  process.stderr.write(`${name}: seed ${seed}, ${RUNS} schedules\n`);
  await fc.assert(fc.asyncProperty(schedule, property), { seed, numRuns: RUNS, endOnFailure: true, verbose: 1 });
}
