import type { ConfigurationView, SettingView } from '../../admin/api.ts'
import { effectiveSettings, type Setting } from '../../config/effective.ts'
import { redactBody } from '../../ledger/redact.ts'
import type { Current } from '../current.ts'

/** The settings in force as the admin port shows them. */
export function configurationView(
  { loaded, started, loadedAt, problem }: Current,
  isTrial: boolean,
): ConfigurationView {
  return {
    source: loaded.path,
    loaded_at: loadedAt,
    problem,
    rows: effectiveSettings(loaded, started).map((setting) => settingView(setting, isTrial)),
  }
}

function settingView(setting: Setting, isTrial: boolean): SettingView {
  const { field, isSecret, secretFrom, line, inheritedFrom, needsRestart, waitsForRestart, doc } = setting
  const isSet = isSecret ? secretFrom.length > 0 : setting.value !== undefined
  return {
    path: field,
    value: isSecret ? (isSet ? '(secret)' : null) : shown(setting.value),
    origin: line === undefined ? 'default' : isTrial ? 'trial' : 'file',
    line: isTrial ? null : (line ?? null), // the trial configuration has no file to look into
    inherited_from: inheritedFrom,
    is_secret: isSecret,
    is_set: isSet,
    secret_from: secretFrom,
    needs_restart: needsRestart,
    waits_for_restart: waitsForRestart,
    meaning: doc,
  }
}

/** A static reply may dial a number. */
function shown(value: Setting['value']): SettingView['value'] {
  if (value === undefined) return null
  return typeof value === 'string' && value.startsWith('<') ? redactBody(value) : value
}
