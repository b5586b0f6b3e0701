/** What the WebAssembly module offers; see assembly/index.as. All addresses and lengths are bytes. */
export interface KernelExports {
  hash(from: number, length: number): number;
  usePlan(root: number, depthMax: number, itemsMax: number, conditions: number): void;
  project(from: number, length: number): number;
  projectSpans(first: number, count: number, room: number): number;
  metConditions(): number;
  touched(): number;
  beginSums(counters: number): void;
  unpackLz4(length: number): number;
  walk(): number;
  fillHoles(count: number): void;
}
