import fc from "fast-check";

const RUNS = Number(process.env.PROPERTY_RUNS ?? 10);

/**
 * Holds a property against random schedules. The seed is printed, so that a run can be had again: PROPERTY_SEED=… (and PROPERTY_RUNS for how many).
 */
export async function holds<T>(name: string, schedule: fc.Arbitrary<T>, property: (schedule: T) => Promise<void>): Promise<void> {
  const seed = process.env.PROPERTY_SEED ? Number(process.env.PROPERTY_SEED) : Date.now() % 2 ** 31;
  process.stderr.write(`${name}: seed ${seed}, ${RUNS} schedules\n`);
  await fc.assert(fc.asyncProperty(schedule, property), { seed, numRuns: RUNS, endOnFailure: true, verbose: 1 });
}
