/** A code: the HTTP status it answers with, whether trying again can help, and how it is said. `{name}` stands for a parameter. */
export type Words = { status: number; retry: boolean; en: string; ru: string };
