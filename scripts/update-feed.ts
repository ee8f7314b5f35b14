/** What a release puts into its update feed, as electron-builder and the signed list must both have it. */

/** Files of a release. A Mac's feed names the disk image beside the ZIP, so the signed list must have it too. */
export const isPackage = (name: string): boolean => /\.(?:AppImage|deb|rpm|dmg|zip|exe)$/.test(name)

/**
 * Makes electron-builder write the feed (`latest*.yml`) and, into each package, what electron-updater needs to fetch from it
 * (`app-update.yml`: without it no update is fetched, and on Windows no publisher is compared). Nothing is uploaded.
 */
export const feedArguments = (url: string): readonly string[] => [
  '-c.publish.provider=generic',
  `-c.publish.url=${url}`,
]
