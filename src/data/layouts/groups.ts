import { UsageError, UserError } from '../../errors.js';
import type { SplitRule } from './layout.js';

/**
 * For data that name the parts themselves.
 * @param why as the message says it: "KolektorSDD is grouped by its folders already"
 * @throws UsageError where the rule has a pattern
 */
export function demandNoPattern(rule: SplitRule, why: string): void {
  if (rule.kind !== 'group' || rule.groupPattern === undefined) return;
  throw new UsageError(
    `group: expected no pattern, for ${why}; got ${String(rule.groupPattern)}, leave --group out`,
  );
}

/**
 * The function that names the part a picture shows: the pattern's first capture group, or its whole match, in
 * the file name (a pattern with a `/` in it: in the path below the root). Without a pattern each picture is a
 * group of its own, and so it is in a random split, which does not know parts.
 * @throws UserError (from the function) where the pattern does not match
 */
export function groupNaming(rule: SplitRule): (file: string) => string {
  const pattern = rule.kind === 'group' ? rule.groupPattern : undefined;
  if (pattern === undefined) return (file) => file;
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  const onPath = pattern.source.includes('/');
  return (file) => {
    const text = onPath ? file : file.slice(file.lastIndexOf('/') + 1);
    const match = stateless.exec(text);
    if (match === null) {
      throw new UserError(
        `group pattern ${String(pattern)}: it does not match "${text}"; expected a pattern that finds the part in the name of every picture`,
      );
    }
    return match[1] ?? match[0];
  };
}
