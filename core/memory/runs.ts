/**
 * Cuts chunks, in the order of their conversations, where something between two of them was not read. `areas`: stretches of conversations without gaps.
 */
export function runs<T extends { chunkNo: number }>(chunks: readonly T[], areas: readonly (readonly number[])[]): T[][] {
  const follows = new Map<number, number>();
  for (const area of areas) {
    for (let n = 1; n < area.length; n++) follows.set(area[n - 1] ?? 0, area[n] ?? 0);
  }
  const found: T[][] = [];
  let last: T | undefined;
  for (const chunk of chunks) {
    if (last && follows.get(last.chunkNo) === chunk.chunkNo) found.at(-1)?.push(chunk);
    else found.push([chunk]);
    last = chunk;
  }
  return found;
}
