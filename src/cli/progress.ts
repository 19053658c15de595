import { basename } from 'node:path';
import { progressOf, type EventListener, type InspectorEvent } from '../inspector/events.js';

/** Redraws at most this often on a terminal, and prints a line this often elsewhere. */
const terminalMilliseconds = 100;
const logMilliseconds = 10_000;

export function showDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * 20);
  return '█'.repeat(filled) + '░'.repeat(20 - filled);
}

/** `csflow bench` has ended one of its processes. */
export interface Measuring {
  readonly kind: 'measuring';
  /** What is measured. */
  readonly what: string;
  /** Of the whole, from 0 to 1. */
  readonly share: number;
  readonly secondsLeft: number;
}

const inTiles = (tiles: number | undefined): string => (tiles === undefined ? '' : ` in ${tiles} tiles`);

/** Progress on stderr: one line redrawn on a terminal, a line now and then in a log. */
export interface ProgressLine {
  readonly listen: (event: InspectorEvent | Measuring) => void;
  /** A line that stays. */
  say(text: string): void;
  done(): void;
}

export function progressLine(stream: NodeJS.WriteStream, quiet: boolean): ProgressLine {
  const interactive = stream.isTTY && !quiet;
  let lastDrawn = -Infinity;
  let open = false;
  const clear = (): void => {
    if (open) stream.write('\r\x1b[2K');
    open = false;
  };
  const say = (text: string): void => {
    if (quiet) return;
    clear();
    stream.write(`${text}\n`);
  };
  const draw = (text: string, last: boolean): void => {
    if (quiet) return;
    const now = performance.now();
    if (!last && now - lastDrawn < (interactive ? terminalMilliseconds : logMilliseconds)) return;
    lastDrawn = now;
    if (interactive) {
      clear();
      stream.write(text.slice(0, stream.columns - 1));
      open = true;
    } else stream.write(`${text}\n`);
  };
  const listen = (event: InspectorEvent | Measuring): void => {
    switch (event.kind) {
      case 'data':
        say(
          event.folds === undefined
            ? `${event.training} good images to learn from${inTiles(event.tiles)}, ${event.calibration} held out to set the threshold`
            : `${event.training} good images${inTiles(event.tiles)}: ${event.folds} flows score ${event.calibration} of them, each those that it ` +
                'has not learned from, to set the threshold; then one learns from all',
        );
        break;
      case 'phase':
        say(`${event.name} …`);
        break;
      case 'drawing':
      case 'looking':
      case 'features':
      case 'evaluating':
      case 'fitting': {
        const { kind, done, total, cached, secondsLeft } = event;
        const fromCache = cached > 0 ? ` (${cached} cached)` : '';
        const text = `${kind} ${bar(done / total)} ${done}/${total}${fromCache}, ${showDuration(secondsLeft)} left`;
        draw(text, done === total);
        if (done === total) finishPhase();
        break;
      }
      case 'step': {
        const { step, steps, epoch, epochs, loss, imagesPerSecond, secondsLeft, flow } = event;
        const which = flow === undefined ? '' : `flow ${flow.number} of ${flow.of}, `;
        const place = `${which}epoch ${epoch}/${epochs}, step ${step}/${steps}`;
        const pace = `${imagesPerSecond.toFixed(1)} images/s, ${showDuration(secondsLeft)} left`;
        draw(`training ${bar(step / steps)} ${place}, loss ${loss.toFixed(4)}, ${pace}`, step === steps);
        if (step === steps) finishPhase();
        break;
      }
      case 'measuring': {
        const { what, share, secondsLeft } = event;
        draw(`measuring ${bar(share)} ${what}, ${showDuration(secondsLeft)} left`, share === 1);
        if (share === 1) finishPhase();
        break;
      }
      case 'folds':
        say(`fold ${event.done} of ${event.of} scored`);
        break;
      case 'checkpoint':
        say(`checkpoint saved after step ${event.step}`);
        break;
      case 'skipped':
        say(`skipped ${basename(event.path)}: ${event.reason}`);
        break;
    }
  };
  const finishPhase = (): void => {
    if (open) stream.write('\n');
    open = false;
    lastDrawn = -Infinity;
  };
  return { listen, say, done: clear };
}

/** Reports each picture as it is drawn or looked at. */
export function countingProgress(
  kind: 'drawing' | 'looking',
  listener: EventListener,
): (done: number, total: number) => void {
  let report: ReturnType<typeof progressOf> | undefined;
  return (_, total) => {
    report ??= progressOf(kind, total, listener);
    report();
  };
}
