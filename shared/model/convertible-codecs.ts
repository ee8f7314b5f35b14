/** Formats that the media worker can turn into each other, by lower-case name, where two legs share none. */
const convertible = ['opus', 'pcmu', 'pcma']

/** @param name - as in `a=rtpmap`, in any case */
export const isConvertible = (name: string): boolean => convertible.includes(name.toLowerCase())
