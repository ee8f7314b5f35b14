const width = 120
const height = 24
/** The scale of scores: 1 is the worst, 4.5 the best that the model gives. */
const [worst, best] = [1, 4.5]

interface TrendGraphProps {
  readonly trend: readonly number[]
  /** Places on the axis; the newest value stands at the right end. */
  readonly places: number
  readonly className?: string
}

/** The score over time as a line. It repeats in a picture what is said in words beside it. */
export function TrendGraph({ trend, places, className = '' }: TrendGraphProps) {
  const shown = trend.slice(-places)
  const step = width / Math.max(1, places - 1)
  const x = (index: number) => width - (shown.length - 1 - index) * step
  const y = (score: number) => height - 1 - ((score - worst) / (best - worst)) * (height - 2)
  const points = shown.map((score, index) => `${x(index).toFixed(1)},${y(score).toFixed(1)}`)
  return (
    <svg
      aria-hidden="true"
      data-testid="quality-graph"
      data-values={shown.length}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={`h-6 min-w-0 overflow-visible ${className}`}
    >
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} className="stroke-line" />
      <polyline
        points={points.join(' ')}
        fill="none"
        vectorEffect="non-scaling-stroke"
        className="stroke-current"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  )
}
