const UNKNOWN = 'UNKNOWN_';

/** Names and numbers of one enumeration; numbers without a name are spelled `UNKNOWN_n`. */
export class EnumNames {
  readonly #names = new Map<number, string>();
  readonly #numbers = new Map<string, number>();

  constructor(values: Readonly<Record<string, number>>) {
    for (const [name, number] of Object.entries(values)) {
      this.#names.set(number, name);
      this.#numbers.set(name, number);
    }
  }

  has(number: number): boolean {
    return this.#names.has(number);
  }

  nameOf(number: number): string {
    return this.#names.get(number) ?? `${UNKNOWN}${number}`;
  }

  /** NaN for a text that is neither a name nor `UNKNOWN_n`. */
  numberOf(name: string): number {
    return (
      this.#numbers.get(name) ?? (name.startsWith(UNKNOWN) ? Number(name.slice(UNKNOWN.length)) : Number.NaN)
    );
  }
}
