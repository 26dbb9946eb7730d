"""Known answers for the statistics, computed by SciPy, statsmodels and lifelines; nothing of ours takes part.

    pip install numpy scipy statsmodels lifelines
    python harness/statistics/testing/vectors.py > harness/statistics/testing/vectors.json
"""
import json
import math

import numpy as np
import scipy
from lifelines import KaplanMeierFitter
from scipy import stats
from statsmodels.stats.multitest import multipletests

random = np.random.default_rng(20260101)


def drawn(values, digits=4):
    return [round(float(value), digits) for value in values]


def normal():
    probabilities = [1e-12, 1e-6, 0.005, 0.025, 0.1, 0.3, 0.5, 0.8413, 0.975, 0.995, 0.999999]
    return [{"p": p, "z": float(stats.norm.ppf(p))} for p in probabilities] + [
        {"p": float(stats.norm.cdf(z)), "z": z} for z in (-8.0, -5.5, -3.0, -0.4, 0.0, 1.7, 4.9)
    ]


def student():
    return [
        {"p": p, "degrees": df, "t": float(stats.t.ppf(p, df))}
        for df in (1, 2, 3, 7, 14, 29, 299)
        for p in (0.0005, 0.005, 0.025, 0.2, 0.6, 0.95, 0.995)
    ]


def noncentral():
    return [
        {"t": t, "degrees": df, "shift": shift, "p": float(stats.nct.cdf(t, df, shift))}
        for df in (2, 7, 9, 19)
        for t in (0.5, 2.0, 3.5)
        for shift in (0.5, 2.0, 5.0)
    ]


def t_power():
    rows = []
    for pairs in (5, 8, 10, 20, 40):
        for alpha in (0.01, 0.05):
            for effect in (0.5, 1.0, 1.7):
                shift = effect * math.sqrt(pairs)
                critical = stats.t.ppf(1 - alpha / 2, pairs - 1)
                rows.append(
                    {"pairs": pairs, "alpha": alpha, "effect": effect, "power": float(stats.nct.sf(critical, pairs - 1, shift))}
                )
    return rows


def binomial():
    rows = []
    for successes, n in ((0, 10), (0, 300), (1, 20), (7, 7), (200, 20000), (12, 100), (99, 100)):
        for level in (0.9, 0.95, 0.99):
            lower = stats.binomtest(successes, n, alternative="greater").proportion_ci(level, "exact").low
            upper = stats.binomtest(successes, n, alternative="less").proportion_ci(level, "exact").high
            rows.append({"successes": successes, "n": n, "level": level, "lower": float(lower), "upper": float(upper)})
    return rows


def sign_flip():
    """scipy.stats.permutation_test of paired samples: all 2^n choices of signs of the mean."""
    rows = []
    for n, shift in ((3, 0.0), (5, 0.1), (8, 0.05), (8, 0.2), (10, 0.0), (12, 0.06), (13, -0.05)):
        values = np.array(drawn(shift + 0.1 * random.standard_normal(n)))
        found = stats.permutation_test(
            (values,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
        )
        rows.append({"values": values.tolist(), "p": float(found.pvalue)})
    ties = np.array([1.0, 1.0, -1.0, 2.0, 2.0, 3.0, 0.0, 1.0])
    found = stats.permutation_test((ties,), np.mean, permutation_type="samples", n_resamples=np.inf)
    rows.append({"values": ties.tolist(), "p": float(found.pvalue)})
    return rows


def holm():
    rows = []
    for n in (1, 2, 5, 12):
        values = drawn(random.random(n) ** 3, 5)
        rejected, adjusted, _, _ = multipletests(values, alpha=0.05, method="holm")
        rows.append({"p": values, "adjusted": adjusted.tolist(), "significant": rejected.tolist()})
    return rows


def kaplan_meier():
    rows = []
    for n, level in ((6, 0.95), (25, 0.95), (60, 0.99)):
        times = [int(value) for value in random.integers(1, 40, n)]
        happened = [bool(value) for value in random.random(n) < 0.7]
        fitted = KaplanMeierFitter(alpha=1 - level).fit(times, happened)
        bands = fitted.confidence_interval_survival_function_
        steps = [
            [float(at), float(fitted.survival_function_.loc[at].iloc[0]), float(bands.loc[at].iloc[0]), float(bands.loc[at].iloc[1])]
            for at in sorted({t for t, seen in zip(times, happened) if seen})
        ]
        rows.append({"times": times, "happened": happened, "level": level, "steps": steps})
    return rows


def stall_model():
    """P(latency > x) of a log-normal body (median 5, sigma 0.3) with an exponential wait (mean 60) for 60/5060 of requests."""
    body = stats.lognorm(0.3, scale=5)
    met = 60 / 5060
    rows = []
    for x in (3.0, 7.5, 12.0, 16.0, 40.0, 150.0):
        integral, _ = scipy.integrate.quad(
            lambda b: body.pdf(b) * math.exp(-(x - b) / 60), 0, x, epsabs=1e-13, limit=500, points=[min(5.0, x)]
        )
        rows.append({"ms": x, "beyond": float(body.sf(x) + met * integral)})
    return rows


print(
    json.dumps(
        {
            "made": f"numpy {np.__version__}, scipy {scipy.__version__}; see vectors.py",
            "normal": normal(),
            "student": student(),
            "noncentral": noncentral(),
            "tPower": t_power(),
            "binomial": binomial(),
            "signFlip": sign_flip(),
            "holm": holm(),
            "kaplanMeier": kaplan_meier(),
            "stallModel": stall_model(),
        },
        indent=1,
        allow_nan=False,
    )
)
