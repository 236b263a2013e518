import { userInfo } from 'node:os'

/** Whom to write down when nobody is named. Accounts without a name exist in containers. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}
