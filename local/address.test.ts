import { expect, test } from "vitest";
import { addressOf } from "#local/address.ts";

test.each([
  ["without a proxy that is trusted, the other end, whatever the header says", 0, "203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["behind one, what it saw", 1, "10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["what a client wrote into the header itself is left of that", 1, "10.0.0.1", "1.1.1.1, 2.2.2.2,198.51.100.1", "198.51.100.1"],
  ["behind two, what the first saw", 2, "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
  ["fewer entries than proxies: the farthest there is", 3, "10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["no header at all: the other end", 1, "10.0.0.1", undefined, "10.0.0.1"],
  ["a port beside an address is no part of it", 1, "10.0.0.1", "198.51.100.1:51234", "198.51.100.1"],
  ["nor are an IPv6 address's brackets", 1, "10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"],
  ["an IPv6 address stays whole", 1, "10.0.0.1", "2001:db8::7", "2001:db8::7"],
  ["what is no address is not believed", 1, "10.0.0.1", "unknown", "10.0.0.1"],
  ["nor is what stands before it", 1, "10.0.0.1", "1.1.1.1, unknown", "10.0.0.1"],
  ["an empty header says nothing", 1, "10.0.0.1", "", "10.0.0.1"],
  ["an unknown other end is unknown", 0, undefined, "198.51.100.1", "unknown"],
] as const)("%s", (_, proxies, socket, header, expected) => {
  expect(addressOf(socket, header, proxies)).toBe(expected);
});
