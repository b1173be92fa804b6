import * as Api from "#core/connectors/attio/api.ts";
import * as Kinds from "#core/connectors/attio/kinds.ts";
import * as Lists from "#core/connectors/attio/lists.ts";
import * as Members from "#core/connectors/attio/members.ts";
import { prune } from "#core/connectors/attio/prune.ts";
import * as Transform from "#core/connectors/attio/transform.ts";
import * as Workspace from "#core/connectors/attio/workspace.ts";
import type { Reading, SetAside, Written } from "#core/connectors/connector.ts";

type Retried = { write: () => Promise<Written>; setAside: readonly SetAside[] };

const SETTLE_ROWS = 5_000;
const NOTHING: Retried = { write: async () => ({ rows: 0, events: 0 }), setAside: [] };

/**
 * Reads one thing again: `company:ID`, `person:ID`, `deal:ID` (with the notes on it), `note:ID`, `task:ID`, `entry:LIST:ID` (with its record),
 * `member:ID` (with all members). What is gone upstream, or switched off, is no longer in error; its row is the crawl's.
 */
export async function retry(reading: Reading, recordRef: string): Promise<Retried> {
  const [kind = "", first = "", second = ""] = recordRef.split(":");
  // Without an id there is nothing to ask for: the next pass meets it again, well or not.
  if (first === "?" || second === "?") return NOTHING;
  const slugOf = Workspace.slugs(await Workspace.objects(reading));
  switch (kind) {
    case "company":
      return withNotes(reading, Kinds.companies, recordRef, first, slugOf);
    case "person":
      return withNotes(reading, Kinds.people, recordRef, first, slugOf);
    case "deal":
      return withNotes(reading, Kinds.deals, recordRef, first, slugOf);
    case "note":
      return alone(reading, Kinds.notes, recordRef, await Api.one(reading, "notes", first), slugOf);
    case "task":
      return alone(reading, Kinds.tasks, recordRef, await Api.one(reading, "tasks", first), slugOf);
    case "entry":
      return entry(reading, recordRef, first, second, slugOf);
    case "member": {
      const members = (await Api.members(reading)).map(Transform.member);
      return { write: () => Members.upsert(reading, members), setAside: [] };
    }
    default:
      return { ...NOTHING, setAside: [{ recordRef, kind: "invalid_data", message: "it has no id to ask for", payload: null }] };
  }
}

function alone<T extends { externalId: string }>(
  reading: Reading,
  kind: Kinds.Kind<T>,
  recordRef: string,
  raw: Api.Raw | undefined,
  slugOf: Transform.SlugOf,
): Retried {
  if (!raw) return NOTHING;
  const { items, setAside } = Kinds.understand(kind, [raw], slugOf);
  return { write: () => settled(reading, kind, items), setAside: setAside.map((aside) => ({ ...aside, recordRef })) };
}

async function withNotes<T extends { externalId: string }>(
  reading: Reading,
  kind: Kinds.Kind<T>,
  recordRef: string,
  id: string,
  slugOf: Transform.SlugOf,
): Promise<Retried> {
  const raw = await Api.one(reading, "objects", kind.name, "records", id);
  const own = alone(reading, kind, recordRef, raw, slugOf);
  if (!raw) return own;
  const notes = Kinds.understand(Kinds.notes, await Api.notes(reading, 0, { object: kind.name, recordId: id }), slugOf);
  return {
    write: async () => {
      const record = await own.write();
      const on = await Kinds.write(reading, Kinds.notes, notes.items);
      return { rows: record.rows + on.rows, events: record.events + on.events };
    },
    setAside: own.setAside,
  };
}

async function entry(reading: Reading, recordRef: string, list: string, id: string, slugOf: Transform.SlugOf): Promise<Retried> {
  const raw = await Api.one(reading, "lists", list, "entries", id);
  if (!raw) return NOTHING;
  const found = Transform.entry(raw, slugOf);
  const kinds = { companies: "company", people: "person", deals: "deal" } as const;
  const kind = kinds[found.recordObject as keyof typeof kinds];
  const record = kind ? await retry(reading, `${kind}:${found.recordExternalId}`) : NOTHING;
  return {
    write: async () => {
      const entries = await Lists.upsert(reading, list, [found]);
      const written = await record.write();
      return { rows: entries + written.rows, events: written.events };
    },
    setAside: record.setAside.map((aside) => ({ ...aside, recordRef })),
  };
}

/** One record may carry others in or out (a company its deals): what is covered no more goes at once, what now is comes with the sweep. */
async function settled<T extends { externalId: string }>(reading: Reading, kind: Kinds.Kind<T>, items: readonly T[]): Promise<Written> {
  const written = await Kinds.write(reading, kind, items);
  const out = written.rows > 0 ? await prune(reading, SETTLE_ROWS) : 0;
  return { rows: written.rows + out, events: written.events };
}
