import { plural } from '../../format';
import type { Finding } from '../../inspect/types';

/** More findings than this help nobody; the rest is counted. */
const MAX_FINDINGS = 200;

/** Collects what is wrong with a model. */
export class Findings {
  readonly #list: Finding[] = [];
  #more = 0;

  error(where: string, message: string): void {
    this.#add({ severity: 'error', where, message });
  }

  warn(where: string, message: string): void {
    this.#add({ severity: 'warning', where, message });
  }

  /** An error unless `index` is at least `lowest` and below `count`; returns whether it is. `thing`: `tensor`. */
  index(index: number, count: number, where: string, thing: string, lowest = 0): boolean {
    if (index >= lowest && index < count) return true;
    this.error(
      where,
      `${index} is out of range; there ${count === 1 ? 'is' : 'are'} ${plural(count, thing)}.`,
    );
    return false;
  }

  /** The findings in the order in which they were made, errors before warnings. */
  list(): Finding[] {
    const errors = this.#list.filter(({ severity }) => severity === 'error');
    const warnings = this.#list.filter(({ severity }) => severity === 'warning');
    if (this.#more > 0) {
      warnings.push({
        severity: 'warning',
        where: 'root',
        message: `${plural(this.#more, 'more fault is', 'more faults are')} not listed.`,
      });
    }
    return [...errors, ...warnings];
  }

  #add(finding: Finding): void {
    // Errors decide whether the model can be used: one of them must never be crowded out by warnings.
    if (
      this.#list.length < MAX_FINDINGS ||
      !this.#list.some(({ severity }) => severity === finding.severity)
    ) {
      this.#list.push(finding);
    } else this.#more++;
  }
}
