import type { Columns, spoken } from "#core/memory/features.ts";

export type Feature = keyof Columns | keyof ReturnType<typeof spoken>;
export type Weights = Partial<Record<Feature, number>>;
