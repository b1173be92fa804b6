import * as Records from "#test/simulators/attio/records.ts";
import type { Row } from "#test/simulators/attio/rows.ts";
import type { Store } from "#test/simulators/attio/store.ts";

/** Records for an empty workspace, one line each. Times are epoch seconds. */
export function company(store: Store, name: string, domain?: string, createdAt?: number): Row {
  const values = { name: [{ value: name }], domains: domain ? [{ domain }] : [] };
  return Records.createRecord(store, { object: "companies", values, ...at(createdAt) });
}

export function person(store: Store, name: string, email: string, companyId?: string, createdAt?: number): Row {
  const [first = "", ...rest] = name.split(" ");
  return Records.createRecord(store, {
    object: "people",
    ...at(createdAt),
    values: {
      name: [{ first_name: first, last_name: rest.join(" "), full_name: name }],
      email_addresses: [{ email_address: email }],
      company: companyId ? [{ target_object: "companies", target_record_id: companyId }] : [],
    },
  });
}

export function deal(
  store: Store,
  name: string,
  given: { stage?: string; value?: number; companyId?: string; people?: readonly string[]; createdAt?: number } = {},
): Row {
  const [owner] = store.members.values();
  return Records.createRecord(store, {
    object: "deals",
    ...at(given.createdAt),
    values: {
      name: [{ value: name }],
      stage: [{ status: given.stage ?? "Discovery" }],
      owner: [{ workspace_member_email_address: owner?.email }],
      value: given.value === undefined ? [] : [{ currency_value: given.value, currency_code: "EUR" }],
      associated_company: given.companyId ? [{ target_object: "companies", target_record_id: given.companyId }] : [],
      associated_people: (given.people ?? []).map((id) => ({ target_object: "people", target_record_id: id })),
    },
  });
}

const at = (createdAt: number | undefined) => (createdAt === undefined ? {} : { createdAt });
