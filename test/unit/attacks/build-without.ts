import { vi } from 'vitest'

const root = '../../../electron'

/**
 * A build with a check removed: for the canary of a test that expects nothing to happen. Loads a module anew, with some
 * members of another one replaced; what is loaded elsewhere stays as it is.
 * @param removed - module below `electron/` that holds the check, and its members without it
 * @param loaded - module below `electron/` that is wanted
 */
export async function buildWithout<T>(
  removed: string,
  members: (original: object) => Record<string, unknown>,
  loaded: string,
): Promise<T> {
  const path = `${root}/${removed}`
  vi.resetModules()
  vi.doMock(path, async (importOriginal) => {
    const original = (await importOriginal()) as object
    return { ...original, ...members(original) }
  })
  try {
    return (await import(`${root}/${loaded}`)) as T
  } finally {
    vi.doUnmock(path)
    vi.resetModules()
  }
}
