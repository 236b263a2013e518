import { ConfigError, formatProblem } from '../../../src/config/problem.ts'
import { loadConfig, type LoadedConfig, type LoadOptions } from '../../../src/config/load.ts'

/** Every variable that the files of these tests name. */
export const env: Readonly<Record<string, string>> = {
  RINGBACK_ADMIN_TOKEN: 'an-admin-token-of-good-length',
  VOBIZ_WEBHOOK_SECRET: 'hush-webhook-secret-value',
  VOBIZ_AUTH_TOKEN: 'hush-auth-token-value',
  HANDLER_API_KEY: 'hush-handler-key',
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/hush',
  SMTP_URL: 'smtp://ringback:hush@mail.example.com:587',
  SHORT: 'hush-short',
  EMPTY: '',
}

export function load(text: string, options: Partial<LoadOptions> = {}): LoadedConfig {
  return loadConfig({ path: 'ringback.yaml', text, env, ...options })
}

/** The problems of a file as they are printed; empty when it loads. */
export function problemsOf(text: string, options: Partial<LoadOptions> = {}): readonly string[] {
  try {
    load(text, options)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
}

export function warningsOf(text: string, options: Partial<LoadOptions> = {}): readonly string[] {
  return load(text, options).warnings.map(formatProblem)
}
