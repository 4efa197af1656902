/** All format rules, by id. */
import { ARCHIVE_RULES, HEADER_RULES } from './rules/archive-rules.js';
import { DATA_RULES, NAME_RULES } from './rules/entry-rules.js';
import type { FormatRule } from './rules/format-rule.js';
import type { RuleId } from './rules/rule-id.js';

export const FORMAT_RULES: Readonly<Record<RuleId, FormatRule>> = {
  ...ARCHIVE_RULES,
  ...HEADER_RULES,
  ...NAME_RULES,
  ...DATA_RULES,
};
