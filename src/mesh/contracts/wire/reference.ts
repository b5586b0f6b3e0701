/** Where a `$ref` leads: a file of the contract's folder and a fragment in it, without `#`. */
export interface Reference {
  readonly file: string;
  readonly fragment: string;
}

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._ -]*$/;

/** Is it a path below the folder: relative, forward slashes, plain names, no `..`, no scheme, nothing to decode? */
export const isInside = (path: string): boolean =>
  path.length <= 255 && path.split("/").every((segment) => SEGMENT.test(segment));

/**
 * Reads a `$ref` of a file. `ownId` is the `$id` of that file: a reference that spells it out means the file itself.
 * Undefined: it leads somewhere else, and nothing is opened for it.
 */
export function readReference(ref: string, file: string, ownId: string | undefined): Reference | undefined {
  const hash = ref.indexOf("#");
  const path = hash === -1 ? ref : ref.slice(0, hash);
  const fragment = decoded(hash === -1 ? "" : ref.slice(hash + 1));
  if (fragment === undefined) return undefined;
  if (path === "" || path === ownId?.replace(/#.*$/, "")) return { file, fragment };
  const plain = path.startsWith("./") ? path.slice(2) : path;
  if (!isInside(plain)) return undefined;
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  return { file: `${folder}${plain}`, fragment };
}

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}
