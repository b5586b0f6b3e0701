import { caseless } from "./plain-text.ts";

interface State {
  /** By UTF-16 code unit. */
  readonly next: Map<number, State>;
  /** The state of the longest shorter ending that some word begins with. */
  shorter: State | undefined;
  /** Length of the word that ends here; 0: none does. */
  length: number;
  /** Does a word end here, or a shorter one? */
  ends: boolean;
}

const begun = (): State => ({ next: new Map(), shorter: undefined, length: 0, ends: false });

const WORDY = /[\p{L}\p{M}\p{N}]/u;

/**
 * Finds any of the words at once (Aho and Corasick): one step for each character of the text, whatever their number, and
 * where one ends, at most its length more. A word counts where no letter, digit or accent stands directly before or behind, in any case; both are compared as plain text.
 */
export class WordSearch {
  readonly #root: State = begun();

  constructor(words: readonly string[]) {
    for (const word of words) this.#add(caseless(word));
    this.#join();
  }

  /** Does one of the words stand in the text? */
  finds(text: string): boolean {
    if (this.#root.next.size === 0) return false;
    const plain = caseless(text);
    let state = this.#root;
    for (let at = 0; at < plain.length; at++) {
      state = this.#after(state, plain.charCodeAt(at));
      if (state.ends && !this.#isWordy(plain, at + 1) && this.#endsHere(state, plain, at + 1)) return true;
    }
    return false;
  }

  #add(word: string): void {
    if (word === "") return;
    let state = this.#root;
    for (let at = 0; at < word.length; at++) {
      const next: State = state.next.get(word.charCodeAt(at)) ?? begun();
      state.next.set(word.charCodeAt(at), next);
      state = next;
    }
    state.length = word.length;
  }

  /** Breadth first, so that all shorter endings are joined already. */
  #join(): void {
    const open = [this.#root];
    for (const state of open) {
      for (const [unit, next] of state.next) {
        next.shorter = state.shorter === undefined ? this.#root : this.#after(state.shorter, unit);
        next.ends = next.length > 0 || next.shorter.ends;
        open.push(next);
      }
    }
  }

  #after(state: State, unit: number): State {
    let from: State | undefined = state;
    while (from !== undefined && !from.next.has(unit)) from = from.shorter;
    return from?.next.get(unit) ?? this.#root;
  }

  #endsHere(state: State, plain: string, end: number): boolean {
    for (let each: State | undefined = state; each !== undefined; each = each.shorter) {
      if (each.length > 0 && !this.#isWordy(plain, end - each.length - 1)) return true;
    }
    return false;
  }

  #isWordy(plain: string, at: number): boolean {
    return at >= 0 && at < plain.length && WORDY.test(String.fromCodePoint(plain.codePointAt(at) ?? 0));
  }
}
