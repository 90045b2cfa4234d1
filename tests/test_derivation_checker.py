"""The checker of derivations: false steps must be refuted, true ones get a badge that says what was checked."""

import pytest

from actlib.derivation import DerivationError, check

SIGMA = "let sigma(x) = 1/(1 + exp(-x))\n"

# What is planted in each, and a word of the counterexample or message that must appear.
FALSE = {
    "sign": (SIGMA + "real x in (-20, 20)\nD(sigma(x), x)\n= sigma(x)*(1 + sigma(x))", "left ="),
    "sign in front": (SIGMA + "real x\nD(sigma(x), x)\n= -sigma(x)*(1 - sigma(x))", "left ="),
    "missing factor": ("real x\nD(x**2, x)\n= x", "left ="),
    "factor 2 in a far tail": ("real x in (50, 60)\nexp(-x)\n= 2*exp(-x)", "left ="),
    "1e-18 relative, tiny numbers": ("real x in (700, 800)\nexp(-x)\n= exp(-x)*(1 + 10**(-18))", "right - left"),
    "1e-18 relative, huge numbers": ("real x in (700, 800)\nexp(x)\n= exp(x)*(1 + 1e-18)", "right - left"),
    "1e-18 absolute": ("real x\nexp(x)\n= exp(x) + 10**(-18)", "right - left"),
    "1 beside a huge number": ("real x in (1e6, 1e7)\nx**30\n= x**30 + 1", "right - left"),
    "tiny instead of zero": ("real x\nx - x\n= 1e-40", "left = 0"),
    "zero instead of tiny": ("real x in (300, 400)\nexp(-x)\n= 0", "right = 0"),
    "zero instead of tiny, by cancellation": ("real x in (300, 400)\nlog(1 + exp(-x))\n= 0", "right = 0"),
    "wrong sign of a lost term": ("real x in (300, 400)\n1 - tanh(x)\n= tanh(x) - 1", "left ="),
    "log of negative numbers": ("real x in (-3, -0.1)\nreal y in (-3, -0.1)\nlog(x*y)\n= log(x) + log(y)", "not real"),
    "root of a square": ("real x\nsqrt(x**2)\n= x", "left ="),
    "power of a power": ("real x\n(x**2)**(1/2)\n= x", "left ="),
    "root of a negative number": ("real x in (-2, -1)\nsqrt(x)**2\n= x", "not real"),
    "division by zero": ("real x\nx/(x - x)\n= 1", "division by zero"),
    "wrong branch": ("real x\nMax(0, x)\n= cases((x, x > 0), (-x/2, True))", "left ="),
    "closed branch for open, at 0 only": (
        "real x\ncases((1, x > 0), (0, True))\n= cases((1, x >= 0), (0, True))", "x = 0"),
    "closed branch for open, at a parameter only": (
        "real x\nreal a in (1, 2)\ncases((1, x > a/3), (0, True))\n= cases((1, x >= a/3), (0, True))", "left ="),
    "closed branch for open, between coordinates": (
        "size K = 2\nreal z(K)\ncases((1, z[1] > z[2]), (0, True))\n= cases((1, z[1] >= z[2]), (0, True))", "left ="),
    "sign of zero": ("real x\nsign(x)\n= cases((1, x >= 0), (-1, True))", "x = 0"),
    "derivative of a kink, on one side": ("real x\nD(Abs(x), x)\n= cases((1, x > 0), (0, True))", "left ="),
    "derivative where only constants differ": ("positive a\nreal x\nD(a*x, x)\n= D(a*x, a)", "left ="),
    "order of matrices": (
        "size n = 2\nsize m = 3\nreal A(m, n)\nreal B(n, m)\nreal x(n)\neach i = 1..n\n"
        "Sum(B[i,j]*Sum(A[j,k]*x[k], k, 1, n), j, 1, m)\n= Sum(Sum(A[i,j]*B[j,k], j, 1, n)*x[k], k, 1, n)", "left ="),
    "transposed matrix": (
        "size n = 2\nreal A(n, n)\nreal x(n)\neach i = 1..n\nSum(A[i,k]*x[k], k, 1, n)\n= Sum(A[k,i]*x[k], k, 1, n)",
        "left ="),
    "true for K = 2 only": ("size K = 2, 3\nreal z(K)\nSum(z[i], i, 1, K)\n= z[1] + z[2]", "K = 3"),
    "true for j = 1 only": ("size K = 2\nreal z(K)\neach j = 1..K\nz[j]\n= z[1]", "j = 2"),
    "true for one label only": (
        "size n = 2\nreal h(n)\nindex y(n) in 0..1\nSum(y[i]*h[i], i, 1, n)\n= Sum(h[i], i, 1, n)", "y[1] = 0"),
    "labels that need not sum to one": (
        "size n = 2, 3\nreal y(n) in (0, 1)\nreal h(n)\nSum(y[i]*h[i], i, 1, n)\n"
        "= Sum(y[i]*Sum(y[k], k, 1, n)*h[i], i, 1, n)", "left ="),
    "inequality": ("real x\nexp(x)\n>= 1 + x + x**2/2", "left ="),
    "inequality, strict at the point of contact": ("real x\nexp(x)\n> 1 + x", "x = 0"),
    "inequality, at a closed end": ("real x in (0, 1]\nx**2\n< x", "x = 1"),
    "limit that oscillates": ("real x\nLim(sin(n)*x, n, oo)\n= 0", "cannot be computed"),
    "inequality, wrong by 1e-30": ("real x\nx**2\n>= 1e-30", "x = 0"),
    "limit": ("real x\nLim(tanh(b*x), b, oo)\n= 1", "left = -1"),
    "limit from one side": ("real x\nLim(sign(h)*(1 + x**2), h, 0)\n= 1 + x**2", "two sides"),
    "integral": ("real m\nInt(exp(-x**2/2)*m, x, -oo, oo)\n= m*sqrt(pi)", "left ="),
    "equal to more digits than are computed": ("real x\nexp(x)\n= exp(x)*(1 + 1e-60)", "[tested]"),
    "border that no fraction hits": (
        "real x\ncases((1, x > log(2)), (0, True))\n= cases((1, x >= log(2)), (0, True))", "[tested]"),
    "at one irrational point": (
        "real x\ncases((1, x == sqrt(2)), (0, True))\n= 0", "[tested]"),
    "where two variables meet their borders": (
        "real x\nreal y\ncases((1, x == 0 and y == 0), (0, True))\n= 0", "y = 0"),
    "at one point of the plane": (
        "real x\nreal y\ncases((1, x == 0.7 and y == 0.3), (0, True))\n= 0", "[tested]"),
    "where three entries are equal": (
        "size K = 3\nreal z(K)\ncases((1, z[1] == z[2] and z[2] == z[3]), (0, True))\n= 0 -- [tested]", "z[3] = 0"),
    "border of the last of many": (
        "size K = 12\nreal z(K)\n0*Sum(Abs(z[i]), i, 1, K) + cases((1, z[12] > 0.1), (0, True))\n"
        "= cases((1, z[12] >= 0.1), (0, True)) -- [tested]", "left ="),
    "true below 10": ("real x\nMin(x, 10)\n= x -- [tested]", "x = 100"),
    "true below 20": ("real x\nexp(x)\n<= 1e9", "x = 100"),
    "true away from 0": ("positive s\nlog(s)\n>= -10", "left ="),
    "true but near the end": ("real x in (0, 100)\nMin(x, 99.99)\n= x -- [tested]", "x = 99.9999"),
    "true but near a corner of the simplex": ("size K = 2, 3\nsimplex p(K)\np[1]\n<= 0.999", "p[1] = 0.999999"),
    "strict, where all are equal": (
        "size K = 2\nsimplex p(K)\nsimplex q(K)\nSum(p[i]*log(p[i]/q[i]), i, 1, K)\n> 0", "q[1] = 0.5"),
    "infinite is not finite": ("real x\nLim(n + x, n, oo)\n= 5 -- [tested]", "+inf"),
    "infinite is not below": ("real x\nLim(n + x, n, oo)\n<= 5", "+inf"),
    "minus infinity": ("real x in (-2, -1)\nx*oo\n= oo -- [tested]", "-inf"),
    "limit with a tiny jump": ("real x\nLim(1e-200*sign(h), h, 0)\n= 1e-200 -- [tested]", "two sides"),
    "limit with an infinite jump": ("real x\nLim(exp(1/h), h, 0)\n= 0 -- [tested]", "two sides"),
    "limit to both infinities": ("real x\nLim(1/h, h, 0)\n= oo -- [tested]", "two sides"),
    "limit of which one side is too large": (
        "real x\nLim(1/(1 + exp(exp(1/h))), h, 0)\n= 1/2 -- [tested]", "too large"),
    "limit from the other side": ("real x\nLim(Abs(h)/h, h, 0, \"-\")\n= 1", "left = -1"),
    "integral of 1/x across 0": ("real m\nm*Int(1/x, x, -1, 1)\n= 0 -- [tested]", "does not exist"),
    "mean of Cauchy's distribution": ("real m\nm*Int(x/(1 + x**2), x, -oo, oo)\n= 0 -- [tested]", "does not exist"),
    "condition in a sum": ("real x\nSum(x > 0, i, 1, 3)\n= 3 -- [tested]", "not a number"),
    "condition as a line": ("real x\nx > -10\n= 1 -- [tested]", "not a number"),
    "number as a condition": ("real x in (1, 2)\ncases((1, x), (0, True))\n= 1 -- [tested]", "not a condition"),
    "numbers with and": ("real x in (1, 2)\ncases((1, x and x), (0, True))\n= 1 -- [tested]", "not a condition"),
}

MALFORMED = {
    "unknown function": ("real x\nsigmma(x)\n= x", 2, "unknown function 'sigmma'"),
    "unknown name": ("real x\nx\n= x + yy", 3, "unknown name 'yy'"),
    "index out of range": ("size K = 2\nreal z(K)\nz[1]\n= z[3]", 4, "z[3] does not exist: indices run over 1..2"),
    "open bracket": ("real x\nx + (\n= x", 2, "never closed"),
    "declaration": ("real x\nlet f(x = x\nx\n= x", 2, "let f(x) = ..."),
    "empty interval": ("real x in (3, 1)\nx\n= x", 1, "empty"),
    "interval of names": ("real x in (a, 1)\nx\n= x", 1, "'a' is not a number"),
    "declared twice": ("real x\nreal x\nx\n= x", 2, "declared twice"),
    "size not declared": ("real x\nreal z(K)\nx\n= x", 2, "size K is not declared"),
    "simplex of one entry": ("size n = 1, 2\nsimplex y(n)\ny[1]\n= y[1]", 2, "labels of a batch"),
    "definition through itself": ("let f(x) = g(x)\nlet g(x) = f(x)\nreal x\nf(x)\n= x", 1, "through itself"),
    "declaration too late": ("real x\nx\n= x\nreal y", 4, "before the first expression"),
    "double equals": ("real x\nx\n== x", 3, "one ="),
    "no steps": ("real x\nx", 2, "no step"),
    "nothing": ("", 1, "no expression"),
    "relation first": ("real x\n= x", 2, "without a relation"),
    "text": ("real x\n'a'\n= x", 2, "not a real number"),
    "attribute": ("real x\nx.real\n= x", 3, "not part of the language"),
    "condition as number": ("real x\n(x > 0) + 1\n= x", 3, "not a number"),
    "arity": ("real x\nexp(x, x)\n= x", 3, "takes 1 arguments, not 2"),
    "keyword": ("let lambda = 1\nreal x\nx\n= x", 1, "lambda_"),
    "fractional index": ("size K = 2\nreal z(K)\nz[1/2]\n= 1", 4, "not an integer"),
    "endless sum": ("real x\nSum(x, i, 1, oo)\n= x", 3, "not an integer"),
    "long sum": ("real x\nSum(x, i, 1, 10**9)\n= x", 3, "terms"),
    "no number": ("real x\nexp(exp(exp(exp(x**2 + 5))))\n= x", 3, "too large"),
    "delta in another sense": ("let delta(a, b) = a + b\nreal x\ndelta(1, 2)\n= 0", 1, "has a meaning already"),
    "constant as an index": ("real x\nSum(pi, pi, 1, 3)\n= 6", 2, "pi is a constant"),
    "two parameters of one name": ("let f(x, x) = x\nreal y\nf(1, 2)\n= 2", 1, "two parameters x"),
    "index that an abbreviation does not see": (
        "each i = 1..3\nlet L = i**2\nreal x\nSum(L, i, 1, 3)\n= 3*i**2", 4, "L depends on the declared i"),
    "parameter that an abbreviation does not see": (
        "real x\nlet L = x**2\nlet h(x) = D(L, x)\nh(x)\n= 0", 3, "L depends on the declared x"),
    "interval of a simplex": ("size K = 2\nsimplex p(K) in (0.4, 0.6)\np[1]\n= p[1]", 2, "no other interval"),
    "positive with 0": ("positive s in [0, 1]\ns\n= s", 1, "not positive"),
    "long literal": ("real x\n1e999999999*x\n= x", 2, "exponent"),
    "long bound": ("real x in (0, 1e999999999)\nx\n= x", 1, "exponent"),
    "too many indices": ("real x\neach j = 1..10**9\nx\n= x", 1, "more than 500"),
    "bound that takes too long": ("real x\neach j = 1..10**10**10\nx\n= x", 1, "too large"),
    "function as a bound": ("real x\neach j = 1..exp(1)\nx\n= x", 1, "made of integers"),
    "condition as a bound": ("real x\neach j = 1..cases((2, 1 > 0))\nx\n= x", 1, "made of integers"),
    "too many numbers": ("size K = 100000000\nreal z(K)\nz[1]\n= z[1]", 1, "more than 1000 numbers"),
    "sine of a huge number": ("real x\nsin(exp(exp(x + 40)))\n= x", 3, "too large"),
    "floor of a huge number": ("real x\nfloor(exp(exp(x + 40)))\n= x", 3, "too large"),
    "power too long to write out": ("real x\nx*3**(10**10)\n= 3**(10**10)*x", 3, "not shown exactly"),
    "two thousand terms": ("real x\n" + "+".join(["x"]*2000) + "\n= 2000*x", 2, "levels"),
    "side of a limit": ("real x\nLim(1/h, h, 0, \"up\")\n= x", 3, "fourth argument"),
    "side of infinity": ("real x\nLim(1/h, h, oo, \"-\")\n= x", 3, "has no sides"),
    "array without an index": ("size K = 2\nreal z(K)\nz\n= 1", 4, "z is an array"),
    "index of a number": ("real x\nx[1]\n= x", 3, "x is not an array"),
    "function without an argument": ("let f(t) = t\nreal x\nf\n= x", 4, "f has 1 arguments"),
    "two names that look alike": ("real x1\nreal x_1\nx1 - x_1\n= 0", 2, "x_1 and x1 are shown alike"),
    "caret": ("real x\nx^2\n= x*x", 3, "a power is written **"),
    "spelling": ("real x\nabs(x)\n= Abs(x)", 2, "did you mean Abs?"),
    "another word": ("real x\nln(x)\n= log(x)", 2, "did you mean log?"),
}

# Text, and the badges of its steps.
TRUE = {
    "sigmoid": (SIGMA + "real x in (-20, 20)\nD(sigma(x), x)\n= exp(-x)/(1 + exp(-x))**2 -- quotient rule\n"
                "= sigma(x)*(1 - sigma(x))\n<= 1/4", ["exact", "exact", "50 digits at 12 points"]),
    "sizes": ("size K = 2, 3\nreal z(K)\nreal c\nlog(Sum(exp(z[l]), l, 1, K))\n= c + log(Sum(exp(z[l] - c), l, 1, K))",
              ["exact (K = 2, 3)"]),
    "softmax with cross-entropy": (
        "let a[j] = exp(z[j])/Sum(exp(z[l]), l, 1, K)\nlet L = -Sum(y[k]*log(a[k]), k, 1, K)\nsize K = 3\n"
        "real z(K)\nsimplex y(K)\neach j = 1..K\nD(L, z[j])\n= a[j]*Sum(y[k], k, 1, K) - y[j]\n= a[j] - y[j]",
        ["exact (K = 3)"] * 2),
    "logarithm of powers": (
        "real g in (0.05, 0.95)\nreal y in (0, 1)\nlog(g**y*(1 - g)**(1 - y))\n= y*log(g) + (1 - y)*log(1 - g)",
        ["exact"]),
    "inequality with both ends": ("real x in [0, 1]\nx**2\n<= x", ["50 digits at 12 points"]),
    "divergence": ("real x\nLim(n + x, n, oo)\n= oo -- [tested]", ["50 digits at 12 points"]),
    "marked": ("real x\nexp(x)\n= exp(x/2)**2 -- why not [tested]\n= 7 -- says who [assumed]",
               ["50 digits at 12 points", "assumed"]),
    "interval as an assumption": ("real x in (0, 5)\nsqrt(x**2)\n= x", ["exact"]),
    "negative interval": ("real x in (-5, 0)\nsqrt(x**2)\n= -x", ["exact"]),
    "interval away from zero": ("real x in (1, 2)\nAbs(x - 1) + Abs(2 - x)\n= 1", ["exact"]),
    "branches": ("real x\nD(Max(0, x), x)\n= cases((1, x > 0), (0, True))", ["exact where differentiable"]),
    "branches with a parameter": (
        "real r in (-6, 6)\npositive delta in (0.1, 5)\nlet L(r) = cases((r**2/2, Abs(r) <= delta), "
        "(delta*(Abs(r) - delta/2), True))\nD(L(r), r)\n= Max(-delta, Min(delta, r)) -- clip [tested]",
        ["50 digits at 12 points"]),
    "removable gap": ("real x\nx**2/x\n= x", ["exact where defined"]),
    "limit": (SIGMA + "real x\nLim(sigma(x)*(1 - sigma(x)), x, oo)\n= 0", ["exact"]),
    "limit in a parameter": ("real x\npositive b\nLim(log(1 + exp(b*x))/b, b, oo)\n= Max(0, x) -- [tested]",
                             ["50 digits at 12 points"]),
    "integral": ("real m\nInt(m*exp(x), x, 0, 1)\n= m*(exp(1) - 1)", ["exact"]),
    "integral, tested": ("real m\nInt(m*exp(x), x, 0, 1)\n= m*(exp(1) - 1) -- [tested]", ["50 digits at 4 points"]),
    "all labels": ("size n = 1, 2\nindex y(n) in 0..1\nSum(y[i]**2, i, 1, n)\n= Sum(y[i], i, 1, n)",
                   ["exact (n = 1, 2)"]),
    "label of a class": ("size K = 3\nreal z(K)\nindex c in 1..K\nz[c]\n= Sum(delta(k, c)*z[k], k, 1, K)",
                         ["exact (K = 3)"]),
    "a zero that cancellation hides": (
        "size K = 2, 3\nsimplex p(K)\nsimplex q(K)\nSum(p[i], i, 1, K) - Sum(q[i], i, 1, K)\n= 0",
        ["exact (K = 2, 3)"]),
    "a zero of functions": ("real x\nexp(x)*exp(-x) - 1\n= 0\n>= sin(x)**2 + cos(x)**2 - 1",
                            ["exact", "50 digits at 12 points"]),
    "second derivative": (
        SIGMA + "real x\nD(D(sigma(x), x), x)\n= sigma(x)*(1 - sigma(x))*(1 - 2*sigma(x))", ["exact"]),
    "rows on the simplex": ("size n = 2\nsize K = 2, 3\nsimplex p(n, K)\neach t = 1..n\nSum(p[t, k], k, 1, K)\n= 1",
                            ["exact (n = 2; K = 2, 3)"]),
    "largest of many": ("size K = 2\nreal z(K)\nMaximum(z[i], i, 1, K)\n>= Sum(z[i], i, 1, K)/K",
                        ["50 digits at 12 points (K = 2)"]),
    "branches within branches": (
        "real x\nMin(Max(-1, x), 1)\n= cases((-1, x < -1), (x, x <= 1), (1, True))\n"
        "= (Abs(x + 1) - Abs(x - 1))/2\n<= Max(0, Min(Abs(x), 6))", ["exact", "exact", "50 digits at 12 points"]),
    "limits from one side": (
        "real x\nLim(Abs(h)/h, h, 0, \"+\")\n= -Lim(Abs(h)/h, h, 0, \"-\")\n= 1\n"
        "= 1 + Lim(exp(1/h), h, 0, \"-\") -- [tested]",
        ["exact", "exact", "50 digits at 12 points"]),
    "infinite from one side": ("real x\nLim(1/(h - 1), h, 1, \"-\")\n= -oo -- [tested]", ["50 digits at 12 points"]),
    "strict, beyond the digits compared": ("real x in (-200, 200)\ntanh(x)\n< 1", ["50 digits at 12 points"]),
    "derivative that is lost far out": (
        "real x\nreal y\nD(D(log(exp(x**2) + exp(y**2)), x), y)\n"
        "= -4*x*y*exp(x**2 + y**2)/(exp(x**2) + exp(y**2))**2", ["exact"]),
    "gap of a denominator": ("real x\n(x**2 - 1/9)/(x - 1/3)\n= x + 1/3", ["exact where defined"]),
    "gap near an end": ("real x in (-0.01, 100)\nsqrt(x)**2\n= x", ["exact where defined"]),
    "gap in one direction": ("real x\nx/Abs(x)\n= sign(x)", ["exact where defined"]),
    "condition that guards another": (
        "real x\ncases((1, x > 0 and log(x) > 1/2), (0, True))\n= cases((1, x > exp(1/2)), (0, True)) -- [tested]",
        ["50 digits at 12 points"]),
    "integral beside branches": (
        "real x\nInt(exp(-t), t, 0, oo)*Max(0, x)\n= Max(0, x)\n= cases((x, x > 0), (0, True))", ["exact", "exact"]),
    "no blanks": ("real\tx\nx + x\n=2*x\t--\twhy\n<=2*x+1", ["exact", "50 digits at 12 points"]),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_step_is_refuted(name):
    text, evidence = FALSE[name]
    report = check(text, name)
    assert not report.ok
    assert [step.status for step in report.steps] == ["start", "failed"]
    assert evidence in report.steps[1].counterexample


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_text_is_named_with_its_line(name):
    text, line, message = MALFORMED[name]
    report = check(text, name, first_line=101)
    assert not report.ok
    assert report.failures[0][0] == 100 + line
    assert message in report.failures[0][1]


@pytest.mark.parametrize("name", TRUE)
def test_the_badge_says_what_was_checked(name):
    text, badges = TRUE[name]
    report = check(text, name)
    assert report.ok, str(report)
    assert [step.badge for step in report.steps[1:]] == badges


def test_no_badge_claims_a_proof():
    assert not any("prove" in badge for _, badges in TRUE.values() for badge in badges)


def test_a_check_repeats_itself():
    text = FALSE["sign"][0]
    assert check(text) == check(text)


def test_the_error_names_file_line_step_and_counterexample():
    report = check(FALSE["sign"][0], "sigma-prime", first_line=31, path="sigmoid.rst")
    place = r"sigma-prime(.|\n)*sigmoid.rst:34: step 1: = .*left = .*right = .* at x ="
    with pytest.raises(DerivationError, match=place):
        report.raise_if_failed()


def test_nothing_is_raised_when_all_holds():
    report = check(TRUE["sigmoid"][0])
    report.raise_if_failed()
    assert "FAILED" not in str(report)


def test_what_is_assumed_is_not_called_checked():
    assert "1 step checked, 1 assumed\n" in str(check("real x\nx\n= x\n= 2*x -- says who [assumed]"))


def test_steps_are_reported_as_they_are_checked():
    seen = []
    report = check(TRUE["sigmoid"][0], on_step=seen.append)
    assert tuple(seen) == report.steps


def test_a_step_after_a_malformed_one_is_not_called_checked():
    report = check("real x\nx\n= x + yy\n= x")
    assert [step.status for step in report.steps] == ["start", "failed", "unchecked"]


def test_precision_of_others_is_untouched():
    import mpmath

    before = mpmath.mp.dps
    check(TRUE["sigmoid"][0])
    assert mpmath.mp.dps == before


def test_a_proof_that_takes_too_long_is_given_up(monkeypatch):
    from actlib.derivation import proof, symbolic

    monkeypatch.setattr(proof, "Budget", lambda: symbolic.Budget(1000))
    report = check(TRUE["sigmoid"][0])
    assert "not shown exactly" in report.steps[1].counterexample


def test_sums_of_sums_come_to_an_end(monkeypatch):
    from actlib.derivation import evaluate

    monkeypatch.setattr(evaluate, "MOST_WORK", 20_000)
    report = check("real x\nSum(Sum(Sum(x, i, 1, 9999), j, 1, 9999), k, 1, 9999)\n= x")
    assert "takes too long" in report.steps[1].counterexample
    assert check("real x\nSum(Sum(x, i, 1, 20), j, 1, 20)\n= 400*x").ok


def test_missing_packages_are_named(monkeypatch):
    from actlib.derivation import optional

    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(optional, "import_module", absent)
    with pytest.raises(ImportError, match=r"pip install 'actlib\[prove\]'"):
        check(TRUE["sigmoid"][0])


def test_an_integral_elsewhere_does_not_hide_a_border():
    border = "cases((1, x > 0), (0, True)) - cases((1, x >= 0), (0, True))"
    report = check(f"real x\nInt(exp(-t), t, 0, oo)\n= 1\n= 1 + {border}")
    assert [step.status for step in report.steps] == ["start", "exact", "failed"]
    assert "x = 0" in report.steps[2].counterexample


def test_a_branch_that_a_positive_variable_never_reaches_is_no_cut():
    start = "positive n in (1/10, 3)\nreal x in (-20, 20)\nMin(Max(0, x), n)"
    chain = f"{start}\n= cases((0, x <= 0), (x, x < n), (n, True)) -- pieces"
    assert check(chain).ok
