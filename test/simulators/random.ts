/** A small seeded generator (mulberry32): numbers in [0, 1), the same for the same seed on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number that looks random and depends on both. */
export function mix(a: number, b: number): number {
  return random(Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b))();
}

export type Draw = {
  next: () => number;
  below: (n: number) => number;
  pick: <T>(list: readonly T[]) => T;
  chance: (p: number) => boolean;
};

export function drawing(seed: number): Draw {
  const next = random(seed);
  const below = (n: number) => Math.floor(next() * n);
  return { next, below, pick: <T>(list: readonly T[]) => list[below(list.length)] as T, chance: (p) => next() < p };
}
