"""The standoff game in plain Python loops, written from model.md section 2 alone: slow, small, and independent.

Shares nothing with the package: no JAX, no acceleration, one scalar cell at a time.
"""

import math

import numpy as np

# fmt: off


def interp(grid, table, x):
    if x <= grid[0]:
        return table[0]
    if x >= grid[-1]:
        return table[-1]
    for i in range(len(grid) - 1):
        if x <= grid[i + 1]:
            w = (x - grid[i]) / (grid[i + 1] - grid[i])
            return (1 - w) * table[i] + w * table[i + 1]
    raise AssertionError


def log_sum_exp(values):
    top = max(values)
    return top + math.log(sum(math.exp(v - top) for v in values))


class SlowGame:
    def __init__(self, spec, p):
        self.spec, self.p, self.moves = spec, p, {}
        step = 2 * spec.belief_span / (spec.belief_points - 1)
        self.grid = [1 / (1 + math.exp(spec.belief_span - i * step)) for i in range(spec.belief_points)]
        self.es, self.ks, self.cs = spec.endurance_levels, spec.pressure_levels, spec.credulity_levels
        self.ds, self.N = (2 if spec.domestic else 1), spec.groups
        self.states = [(e, k, d, c) for e in range(self.es) for k in range(self.ks)
                       for d in range(self.ds) for c in range(self.cs)]
        self.acts = [(m, x) for m in range(len(spec.force)) for x in range(len(spec.offers))]
        self.Y, self.B = len(spec.signals), spec.belief_points
        self.J = 1 if p.holder_acts is None else len(p.holder_acts.cost)
        self.zs = [0] if p.private is None else range(len(p.private.law))

    # a week ------------------------------------------------------------------------------------
    def aid(self, y, m):
        p = self.p
        return min(max(p.aid_base - p.aid_force * p.force_level[m] + p.aid_criticism * p.criticism[y], 0), 1.5)

    def harm(self, y, m):
        return self.p.harm[m] * (1.3 - 0.5 * self.aid(y, m))

    def controlled(self, y, m):
        return self.aid(y, m) * (1 if self.p.aid_control is None else self.p.aid_control)

    def chances(self, y, m, j):
        p = self.p
        up = p.endurance_up * self.controlled(y, m)
        down = p.endurance_down * p.force_level[m] + 0.25 * p.endurance_up
        harm, loud = self.harm(y, m), 1
        if p.holder_acts is not None:
            harm, loud = harm + p.holder_acts.provocation[j], 1 + p.holder_acts.propaganda[j]
            down += p.holder_acts.wear[j]
        rise, fall = p.harm_pressure * harm * loud, p.pressure_decay
        se, sk = max(up + down, 1), max(rise + fall, 1)
        return up / se, down / se, rise / sk, fall / sk

    def next_states(self, s, y, m, j):
        if (s, y, m, j) not in self.moves:
            self.moves[s, y, m, j] = self.all_moves(s, y, m, j)
        return self.moves[s, y, m, j]

    def all_moves(self, s, y, m, j):
        e, k, d, c = s
        up, down, rise, fall = self.chances(y, m, j)
        out = {}
        for de, pe in ((1, up), (-1, down), (0, 1 - up - down)):
            e2 = min(max(e + de, 0), self.es - 1)
            for dk, pk in ((1, rise), (-1, fall), (0, 1 - rise - fall)):
                k2 = min(max(k + dk, 0), self.ks - 1)
                flip = self.p.domestic[d] if self.ds == 2 else 0
                for d2, pd in ((d, 1 - flip), (1 - d, flip)):
                    lower = self.p.wear.contradiction[y] if self.cs > 1 else 0
                    mend = (1 - lower) * self.p.wear.mend if self.cs > 1 else 0
                    for dc, pc in ((-1, lower), (1, mend), (0, 1 - lower - mend)):
                        c2 = min(max(c + dc, 0), self.cs - 1)
                        w = pe * pk * pd * pc
                        if w > 0:
                            key = (e2, k2, d2, c2)
                            out[key] = out.get(key, 0) + w
        return out

    def law(self, t, y, s, n):
        p, pol = self.p, self.p.patron_policy
        if pol is None:
            return p.signal_law[t][y]
        e, k, d, _ = s

        def weight(v):
            lean = (pol.pressure[v] * k / max(self.ks - 1, 1) + pol.endurance[v] * e / max(self.es - 1, 1)
                    + pol.block[v] * d + pol.lost[v] * (1 - n / self.N))
            return p.signal_law[t][v] * math.exp(lean)
        return weight(y) / sum(weight(v) for v in range(self.Y))

    # the sweep ---------------------------------------------------------------------------------
    def solve(self, tolerance=1e-11, damping=0.8, most=20000):
        """V[n][who][s][b] and r[n][(b,y,s)][act], solved class by class with damped replacement."""
        V, R, A = {0: None}, {}, {}
        players = 3 if self.p.patron is None else 5
        for n in range(1, self.N + 1):
            v = {s: np.zeros((players, self.B)) for s in self.states}
            r = {(b, y, s): np.zeros(len(self.acts)) for b in range(self.B) for y in range(self.Y) for s in self.states}
            rho = {(b, s): np.zeros(self.Y) for b in range(self.B) for s in self.states}
            if self.p.patron is None:
                for (_b, s), q in rho.items():
                    q[:] = [math.log(self.law(1, y, s, n) / self.law(0, y, s, n)) for y in range(self.Y)]
            for _ in range(most):
                v2, r2, rho2, play = self.reply(n, v, r, rho, V)
                gap = max([np.max(abs(v2[s] - v[s])) for s in v] + [np.max(abs(r2[q] - r[q])) for q in r]
                          + [np.max(abs(rho2[q] - rho[q])) for q in rho])
                for q in r:
                    r[q] = (1 - damping) * r[q] + damping * r2[q]
                for q in rho:
                    rho[q] = (1 - damping) * rho[q] + damping * rho2[q]
                v = v2
                if gap < tolerance:
                    break
            else:
                raise AssertionError(f"the slow solver stopped at {gap}")
            V[n], R[n], A[n] = v, r, play
        return V, R, A

    def at(self, V, n, who, s, b):
        return 0.0 if n <= 0 else interp(self.grid, V[n][s][who], b)

    def drift(self, b):
        return b + self.p.drift * (1 - 2 * b)

    def reply(self, n, v, r, rho, V):
        p = self.p
        V = {**V, n: v}
        players = 3 if p.patron is None else 5
        tab = {(s, y): np.zeros((players, self.B)) for s in self.states for y in range(self.Y)}
        r2, play = {}, {}
        for s in self.states:
            for y in range(self.Y):
                for ib, b1 in enumerate(self.grid):
                    cells = [self.cell(n, s, y, a, b1, r[ib, y, s][i], V) for i, a in enumerate(self.acts)]
                    probs, vals = [], []
                    for t in (0, 1):
                        bar, val = np.zeros(len(self.acts)), 0.0
                        for z in self.zs:
                            q = [c["Q"][t] + self.private(t, z, a) for c, a in zip(cells, self.acts, strict=True)]
                            q = [x / p.noise_coercer for x in q]
                            lse = log_sum_exp(q)
                            w = 1.0 if p.private is None else p.private.law[z]
                            bar += w * np.array([math.exp(x - lse) for x in q])
                            val += w * p.noise_coercer * (lse - math.log(len(self.acts)))
                        probs.append(bar)
                        vals.append(val)
                    r2[ib, y, s] = np.log(probs[1] / probs[0])
                    tab[s, y][0, ib] = sum((b1 * probs[1][i] + (1 - b1) * probs[0][i]) * c["v"] for i, c in enumerate(cells))
                    tab[s, y][1:3, ib] = vals
                    if p.patron is not None:
                        for t in (0, 1):
                            tab[s, y][3 + t, ib] = sum(probs[t][i] * c["P"][t] for i, c in enumerate(cells))
                    play[ib, y, s] = (probs[0], probs[1], [c["a"] for c in cells])
        v2, rho2 = {}, {}
        for s in self.states:
            v2[s] = np.zeros((players, self.B))
            kappa = p.credulity * (p.wear.share[s[3]] if self.cs > 1 else 1.0)
            for ib, b in enumerate(self.grid):
                b1 = [b / (b + (1 - b) * math.exp(-kappa * rho[ib, s][y])) for y in range(self.Y)]
                row = [[interp(self.grid, tab[s, y][w], b1[y]) for y in range(self.Y)] for w in range(players)]
                law = [[self.law(t, y, s, n) for y in range(self.Y)] for t in (0, 1)]
                if p.patron is not None:
                    for t in (0, 1):
                        q = [math.log(law[t][y]) + (row[3 + t][y] + p.patron.politics[t][y]) / p.patron.noise for y in range(self.Y)]
                        lse = log_sum_exp(q)
                        v2[s][3 + t, ib] = p.patron.noise * lse
                        law[t] = [math.exp(x - lse) for x in q]
                rho2[ib, s] = np.log(np.array(law[1]) / np.array(law[0]))
                v2[s][0, ib] = sum((b * law[1][y] + (1 - b) * law[0][y]) * row[0][y] for y in range(self.Y))
                for t in (0, 1):
                    v2[s][1 + t, ib] = sum(law[t][y] * row[1 + t][y] for y in range(self.Y))
        return v2, r2, rho2, play

    def private(self, t, z, a):
        q = self.p.private
        if q is None:
            return 0.0
        m, x = a
        return q.level[z] * (q.offer[t] * self.p.generosity[x] - q.penalty[t] * self.p.force_level[m])

    def cell(self, n, s, y, a, b1, r, V):
        p, (e, k, d, _), (m, x) = self.p, s, a
        fm, gx = p.force_level[m], p.generosity[x]
        b2 = b1 / (b1 + (1 - b1) * math.exp(-r))
        om = [p.forced_end[0] * k, p.forced_end[1] * k]
        w = b2 * om[1] + (1 - b2) * om[0]
        sv = b2 * (1 - om[1]) / (b2 * (1 - om[1]) + (1 - b2) * (1 - om[0]))
        b3 = self.drift(sv)
        pc = p.collapse * fm / p.force_level[-1] if e == 0 else 0.0
        dl = p.death_base + p.death_force * fm
        EV = []
        for j in range(self.J):
            total = np.zeros(3 if p.patron is None else 5)
            for s2, q in self.next_states(s, y, m, j).items():
                for who in range(len(total)):
                    total[who] += q * ((1 - dl) * self.at(V, n, who, s2, b3) + dl * self.at(V, n - 1, who, s2, b3))
            EV.append(total)
        stage = self.spec.stages[x] or self.N
        partial = stage < n
        guard = 0.0 if p.offer_guarantee is None else p.offer_guarantee[x]
        chip = 1 - p.chip + p.chip * n / self.N
        SV = np.zeros(5)
        if partial:
            SV = np.array([self.at(V, n - stage, who, s, self.drift(b2)) for who in range(len(EV[0]))])
            A = stage / n * (p.offer_value[x] * chip - p.give) + p.discount_holder * SV[0]
        else:
            A = p.offer_value[x] * chip - p.give - (b2 * p.resume[1] + (1 - b2) * p.resume[0]) * (1 - guard) * p.resume_loss
        Ws = []
        for j in range(self.J):
            flow = p.aid_value * self.controlled(y, m) - p.force_cost[m] * (1 + p.tired * (1 - e / max(self.es - 1, 1))) + p.pressure_value * k
            flow -= 0 if p.holder_acts is None else p.holder_acts.cost[j]
            Ws.append(flow - pc * p.collapse_loss + (1 - pc) * (w * p.end_value + (1 - w) * p.discount_holder * EV[j][0]))
        sH = p.noise_holder
        W = sH * (log_sum_exp([q / sH for q in Ws]) - math.log(self.J))
        psi = [math.exp((q - W) / sH) / self.J for q in Ws]
        acc = 1 / (1 + math.exp(-(A - W) / sH))
        value = sH * log_sum_exp([A / sH, W / sH])
        mean = sum(q * ev for q, ev in zip(psi, EV, strict=True))
        Q, P = [], []
        for t in (0, 1):
            def mix(vec, base, t=t):
                return (1 - p.drift) * vec[base + t] + p.drift * vec[base + 1 - t]
            deal = p.hostage_value * n - p.offer_price[x]
            if partial:
                deal = stage / n * deal + p.discount_coercer * mix(SV, 1)
            wait = pc * p.win_value + (1 - pc) * (-om[t] * p.end_loss + (1 - om[t]) * p.discount_coercer * mix(mean, 1))
            wait -= (dl if n == 1 else 0) * p.hostage_value
            crit = p.criticism[y]
            Q.append(-p.holding_cost * n + p.force_value[t] * fm - p.criticism_penalty[t] * fm * crit
                     - p.pressure_penalty[t] * fm * k - p.block * gx * d + p.criticism_offer[t] * gx * crit
                     + acc * deal + (1 - acc) * wait)
            if p.patron is not None:
                q = p.patron
                deal = q.deal_value if not partial else stage / n * q.deal_value + q.discount * mix(SV, 3)
                cost = q.harm_cost * self.harm(y, m) + q.loss_cost * dl
                P.append(acc * deal + (1 - acc) * ((1 - pc) * (1 - om[t]) * q.discount * mix(mean, 3) - cost))
        return {"Q": Q, "P": P, "a": acc, "v": value, "A": A, "W": W}
