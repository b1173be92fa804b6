import type { Actor, Row } from "#test/simulators/attio/rows.ts";
import type { Store } from "#test/simulators/attio/store.ts";
import type { Words } from "#test/simulators/attio/words.ts";
import type { Draw } from "#test/simulators/random.ts";

/** A company with its people, and how it is spoken to. */
export type Party = { company: Row; name: string; language: "en" | "ru"; client: string | undefined; people: { row: Row; name: string }[] };
/** `live`: of the story, and not lost in it. */
export type Deal = { row: Row; party: Party; thing: string; from: number; live: boolean };

/** What the demo's data is made with. Days count from the present; `moment` and `today` are epoch seconds. */
export type Making = {
  store: Store;
  draw: Draw;
  today: number;
  moment: (day: number) => number;
  anyone: () => Actor;
  words: (party: Party) => Words;
};
