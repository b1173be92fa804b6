import type {
  Attribute,
  Choice,
  Entry,
  ListShape,
  Member,
  Note,
  ObjectShape,
  Row,
  Shape,
  Task,
  Value,
  Webhook,
} from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";

type Body = Record<string, unknown>;

/** A record's JSON, made once until it changes. Every attribute is there, those without a value as an empty array; the past never is. */
export function recordJson(store: Store.Store, row: Row): string {
  row.json ??= JSON.stringify(record(store, row));
  return row.json;
}

function record(store: Store.Store, row: Row): Body {
  const shape = Store.must(store.objects.get(row.object), `object ${row.object}`);
  const noun = shape.singular.toLowerCase();
  return {
    id: { workspace_id: store.workspaceId, object_id: shape.id, record_id: row.id },
    created_at: row.created_at,
    web_url: `https://app.attio.com/${slugOf(store.workspaceName)}/${noun}/${row.id}`,
    values: values(store, shape, row.values),
  };
}

export function entryJson(store: Store.Store, row: Entry): string {
  const shape = Store.must(store.lists.get(row.listId), `list ${row.listId}`);
  row.json ??= JSON.stringify({
    id: { workspace_id: store.workspaceId, list_id: row.listId, entry_id: row.id },
    parent_record_id: row.recordId,
    parent_object: row.object,
    created_at: row.created_at,
    entry_values: values(store, shape, row.values),
  });
  return row.json;
}

function values(store: Store.Store, shape: Shape, held: Readonly<Record<string, Value[]>>): Body {
  return Object.fromEntries(
    shape.attributes.map((attribute) => [attribute.slug, (held[attribute.slug] ?? []).map((one) => value(store, shape, attribute, one))]),
  );
}

export function value(store: Store.Store, shape: Shape, attribute: Attribute, one: Value): Body {
  if (attribute.type === "status") return { ...one, status: status(store, shape, attribute, one.status as Choice) };
  if (attribute.type === "select") return { ...one, option: option(store, shape, attribute, one.option as Choice) };
  return one;
}

export function status(store: Store.Store, shape: Shape, attribute: Attribute, one: Choice): Body {
  return {
    title: one.title,
    id: { ...attributeId(store, shape, attribute), status_id: one.id },
    is_archived: one.archived,
    celebration_enabled: one.celebrated,
    target_time_in_status: null,
  };
}

export function option(store: Store.Store, shape: Shape, attribute: Attribute, one: Choice): Body {
  return { id: { ...attributeId(store, shape, attribute), option_id: one.id }, title: one.title, is_archived: one.archived };
}

const attributeId = (store: Store.Store, shape: Shape, attribute: Attribute): Body => {
  return { workspace_id: store.workspaceId, object_id: shape.id, attribute_id: attribute.id };
};

export function attribute(store: Store.Store, shape: Shape, one: Attribute): Body {
  const allowed = one.targets.map((slug) => store.objects.get(slug)?.id).filter((id) => id !== undefined);
  return {
    id: attributeId(store, shape, one),
    title: one.title,
    description: null,
    api_slug: one.slug,
    type: one.type,
    is_system_attribute: one.system,
    is_writable: one.writable,
    is_required: one.required,
    is_unique: one.unique,
    is_multiselect: one.multiple,
    is_default_value_enabled: false,
    is_archived: false,
    default_value: null,
    relationship: null,
    created_at: shape.created_at,
    config: {
      currency: { default_currency_code: "EUR", display_type: "symbol" },
      record_reference: { allowed_object_ids: one.type === "record-reference" ? allowed : null },
    },
  };
}

export function object(store: Store.Store, one: ObjectShape): Body {
  return {
    id: { workspace_id: store.workspaceId, object_id: one.id },
    api_slug: one.slug,
    singular_noun: one.singular,
    plural_noun: one.plural,
    created_at: one.created_at,
  };
}

export function list(store: Store.Store, one: ListShape): Body {
  return {
    id: { workspace_id: store.workspaceId, list_id: one.id },
    api_slug: one.slug,
    name: one.name,
    parent_object: [one.parent],
    workspace_access: "full-access",
    workspace_member_access: [],
    created_by_actor: Store.API,
    created_at: one.created_at,
  };
}

export function note(store: Store.Store, one: Note): Body {
  return {
    id: { workspace_id: store.workspaceId, note_id: one.id },
    parent_object: one.object,
    parent_record_id: one.recordId,
    title: one.title,
    meeting_id: null,
    content_plaintext: plain(one.markdown),
    content_markdown: one.markdown,
    tags: [],
    created_by_actor: one.created_by,
    created_at: one.created_at,
  };
}

export function task(store: Store.Store, one: Task): Body {
  return {
    id: { workspace_id: store.workspaceId, task_id: one.id },
    content_plaintext: one.content,
    deadline_at: one.deadline_at,
    is_completed: one.completed_at !== null,
    completed_at: one.completed_at,
    linked_records: one.linked.map(({ object, recordId }) => ({ target_object_id: object, target_record_id: recordId })),
    assignees: one.assignees.map((id) => ({ referenced_actor_type: "workspace-member", referenced_actor_id: id })),
    created_by_actor: one.created_by,
    created_at: one.created_at,
  };
}

export function member(store: Store.Store, one: Member): Body {
  return {
    id: { workspace_id: store.workspaceId, workspace_member_id: one.id },
    first_name: one.first,
    last_name: one.last,
    avatar_url: null,
    email_address: one.email,
    created_at: one.created_at,
    access_level: one.access,
  };
}

/** The secret is shown once, in the answer that made it. */
export function webhook(store: Store.Store, one: Webhook, secret = false): Body {
  return {
    id: { workspace_id: store.workspaceId, webhook_id: one.id },
    target_url: one.url,
    subscriptions: one.subscriptions,
    status: "active",
    created_at: one.created_at,
    ...(secret ? { secret: one.secret } : {}),
  };
}

export const slugOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
const plain = (markdown: string): string => markdown.replace(/^#+ |\*\*|^- /gm, "");
