/** Which part of a flame chart is in sight. Never changed, only replaced. */
export interface TimeView {
  /** Milliseconds at the left and the right edge. */
  readonly begin: number;
  readonly end: number;
  /** Pixels scrolled down. */
  readonly top: number;
}

/** What can be seen at most. */
export interface TimeExtent {
  readonly begin: number;
  readonly finish: number;
}

/** Less than this cannot be told apart in the clock's own steps. */
const shortest = 1e-5;

/** All of it. */
export function wholeView({ begin, finish }: TimeExtent): TimeView {
  return { begin, end: Math.max(finish, begin + shortest), top: 0 };
}

/** Zooms by a factor, holding the time at `share` of the width where it is. */
export function zoomTime(view: TimeView, extent: TimeExtent, factor: number, share: number): TimeView {
  const whole = wholeView(extent);
  const length = Math.min(whole.end - whole.begin, Math.max(shortest, (view.end - view.begin) / factor));
  const held = view.begin + (view.end - view.begin) * share;
  return within(whole, { ...view, begin: held - length * share, end: held - length * share + length });
}

/** Moves by a share of the width: 1 is a whole screen later. */
export function panTime(view: TimeView, extent: TimeExtent, share: number): TimeView {
  const by = (view.end - view.begin) * share;
  return within(wholeView(extent), { ...view, begin: view.begin + by, end: view.end + by });
}

/** Shows a stretch with some room to its sides. */
export function showTime(view: TimeView, extent: TimeExtent, begin: number, end: number): TimeView {
  const length = Math.max(shortest, (end - begin) * 1.2);
  const middle = (begin + end) / 2;
  const whole = wholeView(extent);
  const shown = Math.min(length, whole.end - whole.begin);
  return within(whole, { ...view, begin: middle - shown / 2, end: middle + shown / 2 });
}

/** Moves as little as needed to bring a stretch into sight; zooms in only when it would be too small to be seen. */
export function revealTime(view: TimeView, extent: TimeExtent, begin: number, end: number): TimeView {
  const length = view.end - view.begin;
  if (end - begin < length / 400) return showTime(view, extent, begin - (end - begin) * 20, end + (end - begin) * 20);
  if (begin >= view.begin && end <= view.end) return view;
  const shift = begin < view.begin ? begin - view.begin - length * 0.05 : end - view.end + length * 0.05;
  return end - begin > length
    ? showTime(view, extent, begin, end)
    : within(wholeView(extent), { ...view, begin: view.begin + shift, end: view.end + shift });
}

function within(whole: TimeView, view: TimeView): TimeView {
  const length = view.end - view.begin;
  const begin = Math.max(whole.begin, Math.min(view.begin, whole.end - length));
  return { ...view, begin, end: begin + length };
}
