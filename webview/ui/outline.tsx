import type { ComponentChild } from "preact";

const barWidth = 4;
const barHeight = 16;

interface OutlineProps {
  /** A digit from 0 to 9 for each bar. */
  readonly digits: string;
  readonly label: string;
}

/** A histogram of a few pixels. */
export function Outline({ digits, label }: OutlineProps): ComponentChild {
  if (digits === "") return null;
  const width = digits.length * barWidth;
  return (
    <svg class="outline" width={width} height={barHeight} viewBox={`0 0 ${width} ${barHeight}`} role="img">
      <title>{label}</title>
      {[...digits].map((digit, i) => {
        const height = (Number(digit) / 9) * barHeight;
        return <rect key={i} x={i * barWidth} y={barHeight - height} width={barWidth - 1} height={height} />;
      })}
    </svg>
  );
}
