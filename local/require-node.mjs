// Plain JavaScript for any Node: what follows it needs Node 24, which comes with the project as the package `node`.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `Bellwether needs Node 24 and this script runs on ${process.version}.\n` +
      "Node 24 is one of its packages; its install script was probably skipped. Run: npm ci (without --ignore-scripts), then this again.\n",
  );
  process.exit(1);
}
