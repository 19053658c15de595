import type { RateAnswer } from './rate.js';

/** Starts a clock; it says at what rate pictures went through this process since. */
export function startRateClock(): (
  pictures: number,
) => Pick<RateAnswer, 'images_per_second' | 'cpu_per_second'> {
  const [start, cpuBefore] = [performance.now(), process.cpuUsage()];
  return (pictures) => {
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { images_per_second: pictures / seconds, cpu_per_second: (user + system) / 1e6 / seconds };
  };
}
