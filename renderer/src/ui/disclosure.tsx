import { ChevronDown } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'

interface DisclosureProps extends ComponentProps<'details'> {
  readonly title: string
  readonly children: ReactNode
}

/** Something that most people never need, behind its own name. */
export function Disclosure({ title, children, className = '', ...rest }: DisclosureProps) {
  return (
    <details className={`group ${className}`} {...rest}>
      <summary className="-mx-2 inline-flex min-h-11 items-center gap-1 rounded-md px-2 text-sm font-medium text-quiet hover:text-text">
        {title}
        <ChevronDown aria-hidden="true" size={16} className="transition-transform group-open:rotate-180" />
      </summary>
      {children}
    </details>
  )
}
