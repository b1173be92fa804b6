/** A start that cannot be made ends with what is wrong and what to do, not with a trace: the environment is read while modules load. */
try {
  await import("#local/start.ts");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
