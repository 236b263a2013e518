/** The name of an alert rule for people; rules that this page does not know are told by their own. */
export function ruleWords(rule: string): string {
  const text = rule.replaceAll('_', ' ')
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
