import { slice, type Layout, type Node } from '../graph/index.js';
import { channelAxis } from './branch.js';
import { coupling, type Conditioner, type CouplingOptions, type CouplingSubnet } from './coupling.js';
import type { InvertibleModule } from './invertible.js';
import { demandClamp, logScale, type LogScaleOptions } from './log-scale.js';

export interface AdditiveCouplingOptions extends CouplingOptions {
  /** Shift of the second half, from the new first half. */
  readonly shift1: CouplingSubnet;
  /** Shift of the first half, from the second. */
  readonly shift2: CouplingSubnet;
}

/** Additive coupling (NICE; Dinh et al., 2015, §3.2): y₁ = x₁ + t₂(x₂), y₂ = x₂ + t₁(y₁). Its log-det is 0. */
export function additiveCoupling({ shift1, shift2, ...options }: AdditiveCouplingOptions): InvertibleModule {
  const by =
    (subnet: CouplingSubnet): Conditioner =>
    (halves) =>
      subnet(halves).map((shift) => ({ shift }));
  return coupling(options, by(shift2), by(shift1));
}

export interface AffineCouplingOptions extends AdditiveCouplingOptions, LogScaleOptions {
  /** s of the second half, from the new first half. */
  readonly scale1: CouplingSubnet;
  /** s of the first half, from the second. */
  readonly scale2: CouplingSubnet;
}

/**
 * Affine coupling with subnets of their own for scale and shift (RealNVP; Dinh et al., 2017, eq. 4–5):
 * y₁ = exp(l(s₂(x₂)))·x₁ + t₂(x₂), then y₂ = exp(l(s₁(y₁)))·x₂ + t₁(y₁).
 */
export function affineCoupling(options: AffineCouplingOptions): InvertibleModule {
  demandClamp(options);
  const { scale1, scale2, shift1, shift2 } = options;
  const by =
    (scaleNet: CouplingSubnet, shiftNet: CouplingSubnet): Conditioner =>
    (halves) => {
      const shifts = shiftNet(halves);
      return scaleNet(halves).map((s, i) => ({ logScale: logScale(s, options), shift: shifts[i] }));
    };
  return coupling(options, by(scale2, shift2), by(scale1, shift1));
}

export interface GlowCouplingOptions extends CouplingOptions, LogScaleOptions {
  /** (s, t) of the second half over channels, from the new first half. */
  readonly subnet1: CouplingSubnet;
  /** (s, t) of the first half, from the second. */
  readonly subnet2: CouplingSubnet;
}

/**
 * Affine coupling with one subnet for scale and shift together (Glow; Kingma & Dhariwal, 2018, table 1; CS-Flow, WACV
 * 2022, §3.2): y₁ = exp(l(s))·x₁ + t with (s, t) = subnet₂(x₂), then y₂ = exp(l(s′))·x₂ + t′ with (s′, t′) =
 * subnet₁(y₁).
 */
export function glowCoupling(options: GlowCouplingOptions): InvertibleModule {
  demandClamp(options);
  const { firstChannels, secondChannels, subnet1, subnet2, layout = 'NCHW' } = options;
  const by =
    (subnet: CouplingSubnet, width: number): Conditioner =>
    (halves) =>
      subnet(halves).map((st) => ({
        logScale: logScale(channelRange(st, 0, width, layout), options),
        shift: channelRange(st, width, 2 * width, layout),
      }));
  return coupling(options, by(subnet2, firstChannels), by(subnet1, secondChannels));
}

const channelRange = (x: Node, start: number, end: number, layout: Layout): Node =>
  slice(x, channelAxis(x, layout), start, end);
