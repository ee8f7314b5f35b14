/** Formats that the media worker can turn into each other where two legs share none, by lower-case name, best first. */
export const convertibleNames: readonly string[] = ['opus', 'pcmu', 'pcma', 'g722']

/** @param name - as in `a=rtpmap`, in any case */
export const isConvertible = (name: string): boolean => convertibleNames.includes(name.toLowerCase())
