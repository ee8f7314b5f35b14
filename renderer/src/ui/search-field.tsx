import { Search } from 'lucide-react'
import type { ComponentProps } from 'react'

interface SearchFieldProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  readonly label: string
  readonly onSearch: (query: string) => void
}

export function SearchField({ label, onSearch, ...rest }: SearchFieldProps) {
  return (
    <div className="mx-4 mt-2 flex h-11 shrink-0 items-center gap-2 rounded-lg border border-edge bg-surface px-3 focus-within:outline-2 focus-within:outline-accent">
      <Search aria-hidden="true" size={18} className="shrink-0 text-quiet" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        maxLength={128}
        onChange={(event) => onSearch(event.target.value)}
        className="min-w-0 flex-1 bg-transparent outline-none placeholder:text-quiet"
        {...rest}
      />
    </div>
  )
}
