import { compare, instantOf, type Scalar } from "#test/simulators/linear/compare.ts";
import { computed } from "#test/simulators/linear/computed.ts";
import { many, one, type Row, type TypeName } from "#test/simulators/linear/graph.ts";
import { Refusal, Unimplemented } from "#test/simulators/linear/refusal.ts";
import { instant, type Store } from "#test/simulators/linear/store.ts";
import type { Viewer } from "#test/simulators/linear/viewer.ts";

type Filter = Readonly<Record<string, unknown>>;
const INSTANTS = new Set(["createdAt", "updatedAt", "archivedAt", "startedAt", "completedAt", "canceledAt", "startsAt", "endsAt"]);
const DAYS = new Set(["dueDate", "startDate", "targetDate"]);

/** Whether a row passes a filter of its type. A key that the simulator does not know is an error of the simulator's, never a row too many or too few. */
export function passes(store: Store, viewer: Viewer, type: TypeName, row: Row, filter: Filter): boolean {
  const within = (target: TypeName, found: Row, inner: Filter) => passes(store, viewer, target, found, inner);
  return Object.entries(filter).every(([key, given]) => {
    if (given === null || given === undefined) return true;
    if (key === "and") return (given as Filter[]).every((inner) => within(type, row, inner));
    if (key === "or") return (given as Filter[]).some((inner) => within(type, row, inner));
    const inner = given as Filter;
    const link = one(type, key);
    if (link) {
      const [target, find] = link;
      const found = find(store, row as never);
      const { null: isNull, ...rest } = inner;
      if (isNull !== undefined && isNull !== null && (found == null) !== isNull) return false;
      return Object.keys(rest).length === 0 || (found != null && within(target, found, rest));
    }
    const list = many(type, key);
    if (list) {
      const [target, find] = list;
      return collection(find(store, row as never), inner, (found, its) => within(target, found, its), store);
    }
    return compare(scalarOf(store, viewer, type, row, key), inner, reading(store, key));
  });
}

/** A collection's filter: `some` and `every` of its rows, its `length`, or keys that some one row must satisfy together. */
function collection(rows: readonly Row[], filter: Filter, within: (row: Row, filter: Filter) => boolean, store: Store): boolean {
  const { some, every, length, null: isEmpty, and, or, ...direct } = filter;
  const given = <T>(value: unknown): value is T => value !== undefined && value !== null;
  if (given<Filter>(some) && !rows.some((row) => within(row, some))) return false;
  if (given<Filter>(every) && !rows.every((row) => within(row, every))) return false;
  if (given<Filter>(length) && !compare(rows.length, length, (it) => it)) return false;
  if (given<boolean>(isEmpty) && (rows.length === 0) !== isEmpty) return false;
  if (given<Filter[]>(and) && !and.every((inner) => collection(rows, inner, within, store))) return false;
  if (given<Filter[]>(or) && !or.some((inner) => collection(rows, inner, within, store))) return false;
  return Object.keys(direct).length === 0 || rows.some((row) => within(row, direct));
}

function scalarOf(store: Store, viewer: Viewer, type: TypeName, row: Row, key: string): Scalar {
  const read = computed(type, key);
  const found = read ? read(row as never, store, viewer) : (row as unknown as Record<string, unknown>)[key];
  if (found === undefined) throw new Unimplemented(`the filter ${type}.${key}`);
  return found as Scalar;
}

function reading(store: Store, key: string): (given: Scalar) => Scalar {
  if (!INSTANTS.has(key) && !DAYS.has(key)) return (given) => given;
  return (given) => {
    if (given === null) return null;
    const at = instantOf(String(given), instant(store));
    if (at === undefined) throw new Refusal("input", `Argument Validation Error: ${key} is no date or duration: ${given}`);
    return DAYS.has(key) ? new Date(at).toISOString().slice(0, 10) : at;
  };
}
