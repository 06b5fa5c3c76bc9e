/* Every vertical of a chain scored by a plain loop: the baseline of the scan benchmarks.
   Figures and score are those of docs/scanning.md; only verticals, one thread, no pruning. */
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    double strike, bid, ask, mid, iv, delta, vega, theta, liquidity, share_tail, tail;
} Leg;

typedef struct {
    double forward, growth, root, atm_iv, deviation, time_decay;
    int64_t first_knot, end_knot;
    int64_t rows[4]; /* first and end row of the calls, then of the puts */
} Expiry;

typedef struct {
    const double *x, *iv, *cubic;
} Smile;

typedef struct {
    double score, max_profit, max_loss, probability, average_gain;
    int64_t lower, upper, strategy;
} Vertical;

static double cdf(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }
static double pdf(double x) { return 0.3989422804014326779 * exp(-0.5 * x * x); }
static double present(double value) { return isnan(value) ? 0.0 : value; }

static double smile_iv(double x, const Smile *smile, int64_t first, int64_t end) {
    int64_t last = end - 1;
    if (last < first || isnan(x)) return NAN;
    if (x <= smile->x[first]) return smile->iv[first];
    if (x >= smile->x[last]) return smile->iv[last];
    int64_t low = first, high = last;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (smile->x[middle] <= x) low = middle; else high = middle;
    }
    const double *c = smile->cubic + 4 * low;
    double u = x - smile->x[low];
    return ((c[0] * u + c[1]) * u + c[2]) * u + c[3];
}

static double probability_above(double price, const Expiry *e, const Smile *smile) {
    double x = log(price / e->forward), h = 0.5 * e->deviation;
    double iv = smile_iv(x, smile, e->first_knot, e->end_knot);
    double right = smile_iv(x + h, smile, e->first_knot, e->end_knot);
    double left = smile_iv(x - h, smile, e->first_knot, e->end_knot);
    double deviation = iv * e->root;
    double d2 = -x / deviation - 0.5 * deviation;
    double p = cdf(d2) - pdf(d2) * e->root * (right - left) / (2 * h);
    return isnan(p) ? NAN : fmin(fmax(p, 0.0), 1.0);
}

static void tails(double price, double forward, double deviation, double *share, double *tail) {
    double d2 = log(forward / price) / deviation - 0.5 * deviation;
    *share = cdf(d2 + deviation);
    *tail = cdf(d2);
}

/* E[profit; profit > 0] / P(profit > 0): at0 below the lower strike, at1 above the upper, slope q between. */
static double average_gain(const Leg *a, const Leg *b, double q, double at0, double at1, const Expiry *e) {
    double gain = 0, probability = 0;
    if (at0 > 0) {
        probability += 1 - a->tail;
        gain += at0 * (1 - a->tail);
    }
    if (at0 > 0 || at1 > 0) {
        double share0 = a->share_tail, tail0 = a->tail, share1 = b->share_tail, tail1 = b->tail;
        if (at0 < 0) tails(a->strike - at0 / q, e->forward, e->deviation, &share0, &tail0);
        else if (at1 < 0) tails(a->strike - at0 / q, e->forward, e->deviation, &share1, &tail1);
        probability += tail0 - tail1;
        gain += (at0 - q * a->strike) * (tail0 - tail1) + q * e->forward * (share0 - share1);
    }
    if (at1 > 0) {
        probability += b->tail;
        gain += at1 * b->tail;
    }
    return fmax(gain, 0.0) / probability;
}

/* Fills v; returns 0 where the spread has no profit or no risk. */
static int evaluate(const Leg *a, const Leg *b, double q, int is_call, const Expiry *e, const Smile *smile,
                    double spot, double slippage, const double *weights, Vertical *v) {
    double width = b->strike - a->strike;
    double mid = q * (a->mid - b->mid);
    double natural = q > 0 ? a->ask - b->bid : b->ask - a->bid;
    double fill = mid + slippage * (natural - mid);
    double at0 = is_call ? 0 : -q * width, at1 = at0 + q * width;
    double low = fmin(at0, at1), high = fmax(at0, at1);
    v->max_profit = high - fill;
    v->max_loss = fill - low;
    if (!(v->max_profit > 1e-9) || !(v->max_loss > 1e-9)) return 0;
    double breakeven = a->strike - (at0 - fill) / q;
    double above = probability_above(breakeven, e, smile);
    v->probability = at0 - fill > 0 ? fmax(0.0, 1 - above) : above;
    if (isnan(above) || isnan(e->atm_iv)) v->probability = NAN;
    v->average_gain = average_gain(a, b, q, at0 - e->growth * fill, at1 - e->growth * fill, e);
    double risk = v->max_loss, p = v->probability, rho = v->average_gain / risk;
    double delta = q * (a->delta - b->delta), vega = q * (a->vega - b->vega);
    double y = q * (a->theta - b->theta) / (0.01 * risk);
    double skew = 0.5 + 2.5 * (q * (b->iv - a->iv)) / e->atm_iv;
    double z = log((v->max_profit + risk) / (0.25 * spot * e->deviation)) / 0.8;
    double parts[9] = {
        present(p * p * (3 - 2 * p)),
        present(rho / (rho + 1.0 / 3)),
        present(fmin(fmin(1.0, a->liquidity), b->liquidity)),
        present(1 / (1 + fabs(delta) * spot * e->atm_iv * sqrt(1.0 / 365) / (0.25 * risk))),
        present(0.5 * (1 + y / (1 + fabs(y)))),
        present(1 / (1 + fabs(vega) / (0.05 * risk))),
        fmin(fmax(present(skew), 0.0), 1.0),
        present(exp(-0.5 * z * z)),
        e->time_decay,
    };
    v->score = 0;
    for (int k = 0; k < 9; k++) v->score += weights[k] * parts[k];
    return 1;
}

static int better(const Vertical *a, const Vertical *b) {
    if (a->score != b->score) return a->score > b->score;
    if (a->max_loss != b->max_loss) return a->max_loss < b->max_loss;
    if (a->lower != b->lower) return a->lower < b->lower;
    return a->upper < b->upper;
}

static int64_t keep(Vertical *top, int64_t size, int64_t limit, const Vertical *v) {
    if (size == limit && !better(v, &top[size - 1])) return size;
    int64_t at = size < limit ? size++ : size - 1;
    for (; at > 0 && better(v, &top[at - 1]); at--) top[at] = top[at - 1];
    top[at] = *v;
    return size;
}

/* Returns how many of the best verticals `top` holds, best first. Fills the tails of the legs. */
int64_t scan(Leg *legs, const Expiry *expiries, int64_t count, const Smile *smile, double spot, double slippage,
             const double *weights, Vertical *top, int64_t limit) {
    int64_t size = 0;
    for (int64_t n = 0; n < count; n++) {
        const Expiry *e = &expiries[n];
        for (int64_t i = e->rows[0]; i < e->rows[3]; i++)
            tails(legs[i].strike, e->forward, e->deviation, &legs[i].share_tail, &legs[i].tail);
        for (int side = 0; side < 2; side++)
            for (int64_t i = e->rows[2 * side]; i < e->rows[2 * side + 1]; i++)
                for (int64_t j = i + 1; j < e->rows[2 * side + 1]; j++)
                    for (int direction = 0; direction < 2; direction++) {
                        Vertical v = {.lower = i, .upper = j, .strategy = 2 * side + direction};
                        double q = direction == 0 ? 1 : -1;
                        if (evaluate(&legs[i], &legs[j], q, side == 0, e, smile, spot, slippage, weights, &v))
                            size = keep(top, size, limit, &v);
                    }
    }
    return size;
}
