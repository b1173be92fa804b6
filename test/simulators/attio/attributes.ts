import type { Attribute, Choice, ObjectShape, ValueType } from "#test/simulators/attio/rows.ts";
import { uuid } from "#test/simulators/uuid.ts";

type Told = {
  slug: string;
  title: string;
  type: ValueType;
  custom?: true;
  required?: true;
  unique?: true;
  multiple?: true;
  targets?: readonly string[];
  choices?: readonly string[];
};
export const STAGES = ["Discovery", "Qualified", "Proposal", "Negotiation", "Won", "Lost"] as const;
export const CATEGORIES = ["Retail", "E-commerce", "Finance", "Logistics", "Food & drink", "B2B", "SaaS", "Education", "Health"] as const;

/** Attio's standard objects with their usual slugs, and the attributes that this studio added. */
const OBJECTS: Readonly<Record<string, { singular: string; plural: string; attributes: readonly Told[] }>> = {
  companies: {
    singular: "Company",
    plural: "Companies",
    attributes: [
      { slug: "domains", title: "Domains", type: "domain", unique: true, multiple: true },
      { slug: "name", title: "Name", type: "text" },
      { slug: "description", title: "Description", type: "text" },
      { slug: "categories", title: "Categories", type: "select", multiple: true, choices: CATEGORIES },
      { slug: "annual_revenue", title: "Annual revenue", type: "currency", custom: true },
    ],
  },
  people: {
    singular: "Person",
    plural: "People",
    attributes: [
      { slug: "email_addresses", title: "Email addresses", type: "email-address", unique: true, multiple: true },
      { slug: "name", title: "Name", type: "personal-name" },
      { slug: "phone_numbers", title: "Phone numbers", type: "phone-number", multiple: true },
      { slug: "job_title", title: "Job title", type: "text" },
      { slug: "company", title: "Company", type: "record-reference", targets: ["companies"] },
    ],
  },
  deals: {
    singular: "Deal",
    plural: "Deals",
    attributes: [
      { slug: "name", title: "Deal name", type: "text", required: true },
      { slug: "stage", title: "Deal stage", type: "status", required: true, choices: STAGES },
      { slug: "owner", title: "Deal owner", type: "actor-reference", required: true },
      { slug: "value", title: "Deal value", type: "currency" },
      { slug: "associated_people", title: "Associated people", type: "record-reference", multiple: true, targets: ["people"] },
      { slug: "associated_company", title: "Associated company", type: "record-reference", targets: ["companies"] },
      { slug: "expected_close_date", title: "Expected close date", type: "date", custom: true },
      { slug: "next_step", title: "Next step", type: "text", custom: true },
      { slug: "probability", title: "Probability", type: "number", custom: true },
    ],
  },
};
/** On every object and list; none of them can be written. */
const KEPT: readonly Told[] = [
  { slug: "created_at", title: "Created at", type: "timestamp" },
  { slug: "created_by", title: "Created by", type: "actor-reference" },
];

export function objects(createdAt: string): Map<string, ObjectShape> {
  return new Map(
    Object.entries(OBJECTS).map(([slug, told]) => {
      const id = uuid(`object:${slug}`);
      const attributes = [
        attribute(slug, { slug: "record_id", title: "Record ID", type: "text" }, false),
        ...told.attributes.map((one) => attribute(slug, one, true)),
        ...kept(slug),
      ];
      const { singular, plural } = told;
      return [slug, { kind: "objects", id, slug, singular, plural, created_at: createdAt, attributes, off: false }];
    }),
  );
}

export const kept = (owner: string): Attribute[] => KEPT.map((one) => attribute(owner, one, false));

export function attribute(owner: string, told: Told, writable: boolean): Attribute {
  return {
    id: uuid(`attribute:${owner}:${told.slug}`),
    slug: told.slug,
    title: told.title,
    type: told.type,
    system: told.custom !== true,
    writable,
    required: told.required === true,
    unique: told.unique === true,
    multiple: told.multiple === true,
    targets: told.targets ?? [],
    choices: (told.choices ?? []).map((title) => choice(`${owner}:${told.slug}`, title)),
  };
}

export function choice(owner: string, title: string): Choice {
  return { id: uuid(`choice:${owner}:${title}`), title, archived: false, celebrated: title === "Won" };
}
