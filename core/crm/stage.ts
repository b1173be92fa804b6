export const ACCOUNT_STAGES = ["active", "inactive", "prospect"] as const;
export type AccountStage = (typeof ACCOUNT_STAGES)[number];
export const DEAL_STAGES = ["discovery", "qualified", "proposal", "negotiation", "won", "lost"] as const;
export type DealStage = (typeof DEAL_STAGES)[number];

/** The stages upstream names, by key, and ours. The mirror hands these same maps to SQL, where `stage_key` makes the key. */
export const ACCOUNT_MAP: Readonly<Record<string, AccountStage>> = {
  active: "active",
  customer: "active",
  won: "active",
  "closed-won": "active",
  inactive: "inactive",
  churned: "inactive",
  lost: "inactive",
  "closed-lost": "inactive",
};
export const DEAL_MAP: Readonly<Record<string, DealStage>> = {
  won: "won",
  "closed-won": "won",
  lost: "lost",
  "closed-lost": "lost",
  proposal: "proposal",
  "proposal-sent": "proposal",
  negotiation: "negotiation",
  qualified: "qualified",
};
export const ACCOUNT_DEFAULT: AccountStage = "prospect";
export const DEAL_DEFAULT: DealStage = "discovery";

/** An upstream company's stage as ours: anything unknown is a prospect. */
export const accountStage = (stage: string | null): AccountStage => mapped(ACCOUNT_MAP, stage) ?? ACCOUNT_DEFAULT;

/** An upstream deal's stage as ours: anything unknown is discovery. */
export const dealStage = (stage: string | null): DealStage => mapped(DEAL_MAP, stage) ?? DEAL_DEFAULT;

const mapped = <T>(map: Readonly<Record<string, T>>, stage: string | null): T | undefined => {
  const key = keyOf(stage ?? "");
  return Object.hasOwn(map, key) ? map[key] : undefined;
};

// Only ASCII is lowered: Postgres lowers the rest by its locale, and no key has any.
function keyOf(stage: string): string {
  const lower = stage.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return lower.replace(/[^a-z0-9\u00c0-\u1fff\u2c00-\ud7ff]+/gu, "-").replace(/^-|-$/g, "");
}
