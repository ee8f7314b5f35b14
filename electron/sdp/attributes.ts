import type { MediaDescription, SdpAttribute, SessionDescription } from './types.ts'

type WithAttributes = { readonly attributes: readonly SdpAttribute[] }

/** The value of the first attribute of that name; '' for one without a value. */
export function attribute(section: WithAttributes, name: string): string | undefined {
  const found = section.attributes.find((candidate) => candidate.name === name)
  return found && (found.value ?? '')
}

export function attributes(section: WithAttributes, name: string): string[] {
  return section.attributes.filter((candidate) => candidate.name === name).map((found) => found.value ?? '')
}

export function hasAttribute(section: WithAttributes, name: string): boolean {
  return section.attributes.some((candidate) => candidate.name === name)
}

/** The media section's own value, else the session's (RFC 8866 §5.13). */
export function inherited(session: SessionDescription, media: MediaDescription, name: string): string | undefined {
  return attribute(media, name) ?? attribute(session, name)
}
