import { expect, test, vi } from "vitest";
import { config } from "#core/config.ts";
import { log } from "#core/log.ts";

test("a field cannot take the place of a line's own message, level or time", () => {
  const level = config.LOG_LEVEL;
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    Object.assign(config, { LOG_LEVEL: "debug" });
    log.error("what happened", { message: "m1", level: "none", at: "never", job: "first" });
    const line: unknown = JSON.parse(String(write.mock.calls[0]?.[0]));
    expect(line).toMatchObject({ message: "what happened", level: "error", at: expect.stringMatching(/^\d{4}-/), job: "first" });
  } finally {
    write.mockRestore();
    Object.assign(config, { LOG_LEVEL: level });
  }
});
