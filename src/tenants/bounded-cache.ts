/**
 * Holds at most `most` values by name, those that were used last. One that fell out is made again, so `make` gives equal values
 * for equal names.
 */
export function boundedCache<Value>(most: number): (name: string, make: () => Value) => Value {
  const held = new Map<string, Value>();
  return (name, make) => {
    const value = held.get(name) ?? make();
    // A Map keeps the order of insertion: put last what was used last.
    held.delete(name);
    held.set(name, value);
    const [oldest] = held.keys();
    if (held.size > most && oldest !== undefined) held.delete(oldest);
    return value;
  };
}
